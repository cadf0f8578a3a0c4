//! From a document's JSON to an [`Entity`]: the fields that lists need, the relations, the targets.

use std::{
    collections::HashSet,
    path::{Component, Path, PathBuf},
};

use arcstr::ArcStr;
use chrono::{DateTime, Utc};
use foldhash::fast::RandomState;
use plinth_model::{ContentHash, EntityRef, Revision};
use serde_json_borrow::Value;

use crate::{
    Entity, Kind, LocationId, LocationType, Relation, RelationType, contents::web_url, pointing::joined,
    validate::fields_of,
};

/// Texts and references that many entities share, held once.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: HashSet<ArcStr, RandomState>,
    references: HashSet<EntityRef, RandomState>,
}

impl Interner {
    pub(crate) fn intern(&mut self, text: &str) -> ArcStr {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let new: ArcStr = text.into();
        self.texts.insert(new.clone());
        new
    }

    fn reference(&mut self, reference: EntityRef) -> EntityRef {
        if let Some(known) = self.references.get(&reference) {
            return known.clone();
        }
        self.references.insert(reference.clone());
        reference
    }
}

/// What an entity has besides its content.
pub(crate) struct Origin {
    pub(crate) location: Option<LocationId>,
    pub(crate) file: ArcStr,
    pub(crate) document: u32,
    pub(crate) manifest: ContentHash,
    pub(crate) definition: Option<ContentHash>,
    /// Its hash where one is stored: that one decides what a reading changes, so that a new way of computing it changes
    /// everything once.
    pub(crate) hash: Option<ContentHash>,
    pub(crate) revision: Revision,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// The entity of a checked document.
///
/// # Errors
/// Says what is wrong where a stored document is none.
pub(crate) fn entity(content: Box<str>, origin: Origin, texts: &mut Interner) -> Result<Entity, String> {
    let value: Value<'_> = serde_json::from_str(&content).map_err(|error| error.to_string())?;
    let Origin { location, file, document, manifest, definition, hash, revision, created_at, updated_at } = origin;
    let (metadata, spec) = (value.get("metadata"), value.get("spec"));
    let api_version = text(&value, "apiVersion").ok_or("it has no `apiVersion`")?;
    let kind_name = text(&value, "kind").ok_or("it has no `kind`")?;
    let name = text(metadata, "name").ok_or("it has no `metadata.name`")?;
    let namespace = text(metadata, "namespace").unwrap_or("default");
    let reference = texts.reference(EntityRef::new(kind_name, namespace, name));
    let kind = Kind::named(kind_name).unwrap_or(Kind::Custom);
    let relations = relations(&value, kind, &reference, namespace, texts)?;
    let mut to_kind = |field: &'static str| {
        let text = text(spec, field)?;
        let relation = fields_of(kind).iter().find(|it| it.name == field)?.relation?;
        EntityRef::parse(text, relation.1, namespace).ok().map(|it| texts.reference(it))
    };
    let (owner, system, domain) = (to_kind("owner"), to_kind("system"), to_kind("domain"));
    let parent = to_kind("subcomponentOf").or_else(|| to_kind("subdomainOf")).or_else(|| to_kind("parent"));
    let tags = metadata.get("tags").as_array().unwrap_or_default();
    let tags = tags.iter().filter_map(Value::as_str).map(|tag| texts.intern(tag)).collect();
    let computed = || {
        ContentHash::of_parts(&[
            content.as_bytes(),
            definition.as_ref().map_or(&[], ContentHash::as_bytes),
            manifest.as_bytes(),
            location.as_ref().map_or(&[], |location| location.0.as_bytes()),
            file.as_bytes(),
        ])
    };
    let hash = hash.unwrap_or_else(computed);
    Ok(Entity {
        kind,
        api_version: texts.intern(api_version),
        kind_name: texts.intern(kind_name),
        namespace: texts.intern(namespace),
        name: name.into(),
        title: text(metadata, "title").map(Into::into),
        description: text(metadata, "description").map(Into::into),
        tags,
        spec_type: text(spec, "type").map(|it| texts.intern(it)),
        lifecycle: text(spec, "lifecycle").map(|it| texts.intern(it)),
        profile_name: text(spec.get("profile"), "displayName").map(Into::into),
        owner,
        system,
        domain,
        parent,
        relations,
        targets: if kind == Kind::Location { targets(&value, &file) } else { Box::default() },
        reference,
        content,
        definition,
        manifest,
        hash,
        location,
        file,
        document,
        revision,
        created_at,
        updated_at,
    })
}

/// The relations that a document states, as told from its entity.
fn relations(
    value: &Value<'_>,
    kind: Kind,
    own: &EntityRef,
    namespace: &str,
    texts: &mut Interner,
) -> Result<Box<[(RelationType, EntityRef)]>, String> {
    let told = declared(value, kind, own, namespace)?.into_iter();
    let told = told.map(|Relation { kind, source, target }| match source == *own {
        true => (kind, texts.reference(target)),
        false => (kind.reverse(), texts.reference(source)),
    });
    Ok(told.collect())
}

fn text<'v>(map: &'v Value<'v>, field: &'static str) -> Option<&'v str> {
    map.get(field).as_str()
}

/// The relations that a document states, in forward types.
fn declared(value: &Value<'_>, kind: Kind, source: &EntityRef, namespace: &str) -> Result<Vec<Relation>, String> {
    let (spec, mut relations) = (value.get("spec"), Vec::new());
    for field in fields_of(kind) {
        let Some((relation, default_kind)) = field.relation else { continue };
        let texts = match spec.get(field.name) {
            Value::Array(members) => members.as_slice(),
            one => std::slice::from_ref(one),
        };
        for text in texts.iter().filter_map(Value::as_str).filter(|text| !text.is_empty()) {
            let target = EntityRef::parse(text, default_kind, namespace).map_err(|error| error.to_string())?;
            relations.push(Relation { kind: relation, source: source.clone(), target }.forward());
        }
    }
    relations.sort();
    relations.dedup();
    Ok(relations)
}

/// What a `Location` entity points to, made absolute against the file that it stands in.
fn targets(value: &Value<'_>, file: &str) -> Box<[(LocationType, ArcStr)]> {
    let own = if web_url(file).is_some() { LocationType::Url } else { LocationType::File };
    let spec = value.get("spec");
    let kind = text(spec, "type").and_then(LocationType::named).unwrap_or(own);
    let one = [spec.get("target")].into_iter();
    let many = spec.get("targets").as_array().unwrap_or_default();
    let absolute = |target: &str| match kind {
        LocationType::File => Some(resolved(file, target)),
        // No other one can be named.
        _ => joined(file, target).map(String::from),
    };
    let absolute = one.chain(many).filter_map(Value::as_str).filter_map(absolute);
    absolute.map(|target| (kind, target.into())).collect()
}

/// A path relative to the folder of a file.
pub(crate) fn resolved(file: &str, path: &str) -> String {
    let folder = Path::new(file).parent().unwrap_or(Path::new("/"));
    normalized(&folder.join(path)).to_string_lossy().into_owned()
}

/// A path without `.` and `..`, links not followed.
pub fn normalized(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(whole.pop()),
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_may_stand_alone_and_an_empty_one_states_nothing() {
        let source = EntityRef::new("resource", "default", "a");
        for (value, expected) in [
            (json!("component:b"), &["component:default/b"][..]),
            (json!(["component:b", "component:ns/c"]), &["component:default/b", "component:ns/c"]),
            (json!(""), &[]),
            (json!(null), &[]),
        ] {
            let document = json!({"spec": {"dependencyOf": value}}).to_string();
            let found =
                declared(&serde_json::from_str(&document).unwrap(), Kind::Resource, &source, "default").unwrap();
            let ends: Vec<_> = found.iter().map(|it| it.source.as_str()).collect();
            assert_eq!(ends, expected);
        }
    }
}
