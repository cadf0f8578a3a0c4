//! Catalogs, filters and orders by chance, from few words, so that much of it meets.

use std::sync::Arc;

use chrono::DateTime;
use plinth_model::{ContentHash, EntityRef, Revision};
use serde_json::{Value, json};

use crate::{
    Entity, EntityFilter, EntityOrder, KeyedField, Location, LocationId, LocationOrigin, LocationType, OrderField,
    Problem, ProblemCode, RefField, RefTest, RelationType, Snapshot, TextField, TextTest, TimeTest,
    content::{self, Interner, Origin},
    snapshot::Changes,
};

const WORDS: [&str; 8] = ["a", "A", "ab", "Abc", "b", "BA", "ä", "Ä"];
const NAMES: [&str; 12] = ["a", "ab", "abc", "b", "Ba", "bb", "c", "ca", "D", "da", "db", "e"];
const KEYS: [&str; 3] = ["a", "example.com/a", "Example.com/B"];

/// Numbers that a seed makes.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn word(&mut self) -> &'static str {
        self.one(&WORDS)
    }

    /// A reference that is in the catalog, perhaps.
    fn reference(&mut self) -> EntityRef {
        let kind = self.one(&["component", "group", "system", "domain"]);
        EntityRef::new(kind, self.one(&["default", "x"]), self.one(&NAMES))
    }

    fn entity(&mut self) -> Arc<Entity> {
        let kind = self.one(&["Component", "Component", "Component", "Group", "System"]);
        let mut value = json!({
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": self.one(&NAMES), "namespace": self.one(&["default", "X"])},
            "spec": {"n": self.below(3), "list": [self.word(), {"deep": self.word()}]},
        });
        for pointer in
            ["/metadata/title", "/spec/type", "/spec/lifecycle", "/spec/owner", "/spec/system", "/spec/domain"]
        {
            if self.chance(2) {
                let (map, member) = pointer.rsplit_once('/').unwrap();
                let text = if matches!(member, "owner" | "system" | "domain") { self.one(&NAMES) } else { self.word() };
                value.pointer_mut(map).unwrap()[member] = text.into();
            }
        }
        value["metadata"]["tags"] = (0..self.below(3)).map(|_| Value::from(self.word())).collect();
        for map in ["labels", "annotations"] {
            for _ in 0..self.below(3) {
                let key = self.one(&KEYS);
                value["metadata"][map][key] = self.word().into();
            }
        }
        if kind == "Component" && self.chance(2) {
            value["spec"]["dependsOn"] = json!([self.reference().as_str()]);
        }
        let at = DateTime::from_timestamp(self.below(5) as i64, 0).unwrap();
        let location = (!self.chance(4)).then(|| self.location().id);
        let hash = ContentHash::of(value.to_string().as_bytes());
        let (file, revision) = ("/a".into(), Revision(1));
        let origin = Origin {
            location,
            file,
            document: 0,
            manifest: hash,
            definition: None,
            hash: None,
            revision,
            created_at: at,
            updated_at: at,
        };
        Arc::new(content::entity(value.to_string().into(), origin, &mut Interner::default()).unwrap())
    }

    fn location(&mut self) -> Location {
        let (kind, target) = (LocationType::File, self.one(&["/a", "/b", "/c"]));
        let problem = |entity| Problem {
            entity: Some(entity),
            location: Some(LocationId::of(kind, target)),
            ..Problem::error(ProblemCode::Invalid, "wrong".to_owned(), DateTime::UNIX_EPOCH)
        };
        let problems = (0..self.below(3)).map(|_| problem(self.reference())).collect();
        let origin = LocationOrigin::Configuration;
        Location { id: LocationId::of(kind, target), kind, target: target.into(), origin, declared_by: None, problems }
    }

    /// The next snapshot after so many changes at most.
    pub(super) fn change(&mut self, snapshot: &Snapshot, most: usize) -> Snapshot {
        let mut changes = Changes::default();
        for _ in 0..=self.below(most) {
            match self.below(6) {
                0 | 1 => changes.removed.push(self.reference()),
                2 => changes.locations.push(Arc::new(self.location())),
                3 => changes.locations_removed.push(self.location().id),
                _ => changes.upserted.push(self.entity()),
            }
        }
        snapshot.apply(changes)
    }

    pub(super) fn catalog(&mut self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for _ in 0..self.below(6) {
            snapshot = self.change(&snapshot, 60);
        }
        snapshot
    }

    fn text_test(&mut self) -> TextTest {
        let mut test = TextTest::default();
        for _ in 0..=self.below(2) {
            let word = self.word();
            test = match self.below(6) {
                0 => test.is_in([word]),
                1 => test.is_in([word, self.word()]),
                2 => test.is_not_in([word]),
                3 => test.starts_with(word),
                4 => test.contains(word),
                _ => test.exists(self.chance(2)),
            };
        }
        test
    }

    fn ref_test(&mut self) -> RefTest {
        let mut test = RefTest::default();
        for _ in 0..=self.below(2) {
            test = match self.below(3) {
                0 => test.is_in((0..self.below(4)).map(|_| self.reference()).collect::<Vec<_>>()),
                1 => test.is_not_in([self.reference()]),
                _ => test.exists(self.chance(2)),
            };
        }
        test
    }

    pub(super) fn filter(&mut self, depth: usize) -> EntityFilter {
        let texts = [
            TextField::Kind,
            TextField::Namespace,
            TextField::Name,
            TextField::Title,
            TextField::Type,
            TextField::Lifecycle,
            TextField::Tag,
        ];
        let references = [RefField::Own, RefField::Owner, RefField::System, RefField::Domain];
        let paths =
            ["metadata.name", "spec.n", "SPEC.list", "spec.list.deep", "metadata.labels.example.com/a", "spec.none"];
        let at = DateTime::from_timestamp(self.below(6) as i64, 0);
        match self.below(if depth == 0 { 9 } else { 12 }) {
            0 | 1 => EntityFilter::Text(self.one(&texts), self.text_test()),
            2 => EntityFilter::Reference(self.one(&references), self.ref_test()),
            3 => EntityFilter::Mine(self.chance(2)),
            4 => {
                let field = self.one(&[KeyedField::Label, KeyedField::Annotation]);
                EntityFilter::keyed(field, self.one(&KEYS), self.text_test())
            }
            5 => {
                let kind = self.one(&[None, Some(RelationType::DependsOn), Some(RelationType::OwnerOf)]);
                EntityFilter::Relation(kind, self.ref_test())
            }
            6 => EntityFilter::field(self.one(&paths), self.text_test()),
            7 if self.chance(2) => EntityFilter::UpdatedAt(TimeTest { before: at, after: None }),
            7 => EntityFilter::UpdatedAt(TimeTest { before: None, after: at }),
            8 if self.chance(2) => EntityFilter::Orphan(self.chance(2)),
            8 => EntityFilter::HasProblems(self.chance(2)),
            9 => EntityFilter::All((0..self.below(4)).map(|_| self.filter(depth - 1)).collect()),
            10 => EntityFilter::Any((0..self.below(4)).map(|_| self.filter(depth - 1)).collect()),
            _ => EntityFilter::Not(Box::new(self.filter(depth - 1))),
        }
    }

    pub(super) fn order(&mut self) -> Vec<EntityOrder> {
        use OrderField::{CreatedAt, DisplayName, Kind, Lifecycle, Name, Namespace, Owner, System, Type, UpdatedAt};
        let all = [Name, DisplayName, Kind, Namespace, Type, Lifecycle, Owner, System, CreatedAt, UpdatedAt];
        let one = |random: &mut Self| EntityOrder { field: random.one(&all), descending: random.chance(2) };
        (0..self.below(4)).map(|_| one(self)).collect()
    }
}
