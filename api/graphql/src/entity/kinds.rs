//! The kinds: the fields that all have, by one macro, and each one's own.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use plinth_catalog::{Kind, RelationType};
use plinth_model::NodeId;

use super::{
    Entity, EntityConnection,
    parts::{ApiRemote, EntityLink, KeyValue, LocationPresence, ManifestFormat, Profile},
    template_form::TemplateForm,
    template_step::TemplateStep,
    view,
};
use crate::{
    argument::Int,
    graph::{EntityGraph, GraphArguments, GraphDirection, graph},
    page::Arguments,
    relation::{self, Relation, RelationConnection},
    scalar::{DateTime, EntityRef, Json, Revision},
    source::EntitySource,
};

/// A kind: the fields that all have, then its own.
macro_rules! kind {
    ($(#[doc = $about:literal])* $type:ident as $name:literal { $($own:tt)* }) => {
        $(#[doc = $about])*
        #[derive(Clone)]
        pub(crate) struct $type(pub(crate) Arc<plinth_catalog::Entity>);

        $(#[doc = $about])*
        #[Object(name = $name)]
        impl $type {
            /// Made from the reference: the same after it left and came back.
            pub(crate) async fn id(&self) -> ID {
                ID(NodeId::Entity(self.0.reference.clone()).encode())
            }

            /// Its identity, in lower case.
            #[graphql(name = "ref")]
            pub(crate) async fn ref_(&self) -> EntityRef {
                EntityRef(self.0.reference.clone())
            }

            /// As written: `backstage.io/v1alpha1`.
            pub(crate) async fn api_version(&self) -> String {
                String::from(&*self.0.api_version)
            }

            /// As written: `Component`.
            pub(crate) async fn kind(&self) -> String {
                String::from(&*self.0.kind_name)
            }

            /// `default` where none is written.
            pub(crate) async fn namespace(&self) -> String {
                String::from(&*self.0.namespace)
            }

            /// As written.
            pub(crate) async fn name(&self) -> String {
                String::from(&*self.0.name)
            }

            /// What a person calls it.
            pub(crate) async fn title(&self) -> Option<String> {
                self.0.title.as_deref().map(String::from)
            }

            /// The title, or else the profile's name, or else the name.
            pub(crate) async fn display_name(&self) -> String {
                self.0.display_name().to_owned()
            }

            /// What it is.
            pub(crate) async fn description(&self) -> Option<String> {
                self.0.description.as_deref().map(String::from)
            }

            /// Words to find it by, in the order of the document; bounded by its size.
            pub(crate) async fn tags(&self) -> Vec<String> {
                self.0.tags.iter().map(|tag| String::from(&**tag)).collect()
            }

            /// Short values that machines select by; bounded by the document's size.
            pub(crate) async fn labels(
                &self,
                #[graphql(desc = "Only these keys; all when left out.")] keys: Option<Vec<String>>,
            ) -> Vec<KeyValue> {
                view::key_values(&self.0, "/metadata/labels", keys)
            }

            /// Values that tools read, those set by ingestion too; bounded by the document's size.
            pub(crate) async fn annotations(
                &self,
                #[graphql(desc = "Only these keys; all when left out.")] keys: Option<Vec<String>>,
            ) -> Vec<KeyValue> {
                view::key_values(&self.0, "/metadata/annotations", keys)
            }

            /// Pages about it; bounded by the document's size.
            pub(crate) async fn links(&self) -> Vec<EntityLink> {
                view::links(&self.0)
            }

            /// `spec.type`; null where there is none.
            #[graphql(name = "type")]
            pub(crate) async fn type_(&self) -> Option<String> {
                self.0.spec_type.as_deref().map(String::from)
            }

            /// `spec.lifecycle`; null where there is none.
            pub(crate) async fn lifecycle(&self) -> Option<String> {
                self.0.lifecycle.as_deref().map(String::from)
            }

            /// `spec.owner` in full; null where there is none.
            pub(crate) async fn owner_ref(&self) -> Option<EntityRef> {
                self.0.owner.clone().map(EntityRef)
            }

            /// `spec.system` in full; null where there is none.
            pub(crate) async fn system_ref(&self) -> Option<EntityRef> {
                self.0.system.clone().map(EntityRef)
            }

            /// Null where none is declared, or where `ownerRef` is not in the catalog.
            pub(crate) async fn owner(&self, ctx: &Context<'_>) -> Option<Entity> {
                view::found(ctx, self.0.owner.as_ref())
            }

            /// Null where none is declared, or where `systemRef` is not in the catalog.
            pub(crate) async fn system(&self, ctx: &Context<'_>) -> Option<System> {
                view::system(ctx, &self.0)
            }

            /// Both directions, dangling ones too. Those that others declare come and go without a change of this entity.
            pub(crate) async fn relations(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Only these types, such as `dependsOn`; all when left out.")] types: Option<Vec<String>>,
                #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
                first: Option<Int>,
                #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
                #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
                #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
            ) -> Result<RelationConnection> {
                let arguments = Arguments { first, after, last, before };
                relation::relations(ctx, &self.0.reference, types, arguments)
            }

            /// What its own document states, in forward types (`ownedBy`, `dependsOn`), dangling ones too; bounded by the
            /// document's size.
            pub(crate) async fn declared_relations(&self) -> Vec<Relation> {
                self.0.declared().map(Relation).collect()
            }

            /// What lies around it: entities by so many steps along relations, those nearest first, and the relations between
            /// them.
            pub(crate) async fn graph(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Which way relations are followed, in their forward types; `BOTH` when left out.")]
                direction: Option<GraphDirection>,
                #[graphql(desc = "How many steps, 10 at most; 2 when left out.")] depth: Option<Int>,
                #[graphql(desc = "Only along these types, such as `dependsOn`; all when left out.")]
                relation_types: Option<Vec<String>>,
                #[graphql(desc = "How many entities, 1,000 at most; 200 when left out.")] max_nodes: Option<Int>,
            ) -> Result<EntityGraph> {
                graph(ctx, &self.0.reference, GraphArguments { direction, depth, relation_types, max_nodes })
            }

            /// `spec` of the document, placeholders filled in.
            pub(crate) async fn spec(&self, ctx: &Context<'_>) -> Option<Result<Json>> {
                view::spec(ctx, &self.0).await.transpose()
            }

            /// The document as it was read.
            pub(crate) async fn manifest(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "YAML when left out.")] format: Option<ManifestFormat>,
            ) -> Result<String> {
                view::manifest(ctx, &self.0, format).await
            }

            /// Where it comes from, and what is wrong there.
            pub(crate) async fn source(&self) -> EntitySource {
                EntitySource(self.0.clone())
            }

            /// Of the last change of its document, its place or its problems.
            pub(crate) async fn revision(&self) -> Revision {
                Revision(self.0.revision)
            }

            /// When it came into the catalog.
            pub(crate) async fn created_at(&self) -> DateTime {
                DateTime(self.0.created_at)
            }

            /// When its document or its place last changed.
            pub(crate) async fn updated_at(&self) -> DateTime {
                DateTime(self.0.updated_at)
            }

            $($own)*
        }
    };
}

kind! {
    /// A piece of software.
    Component as "Component" {
        /// The component that it is a part of.
        pub(crate) async fn subcomponent_of(&self, ctx: &Context<'_>) -> Option<Entity> {
            view::parent_component(ctx, &self.0)
        }

        /// Components that are parts of it, by reference.
        pub(crate) async fn subcomponents(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related_of_kind(ctx, &self.0, RelationType::HasPart, Kind::Component, Arguments { first, after, last, before })
        }

        /// APIs that it serves, by reference.
        pub(crate) async fn provides_apis(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::ProvidesApi, Arguments { first, after, last, before })
        }

        /// APIs that it calls, by reference.
        pub(crate) async fn consumes_apis(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::ConsumesApi, Arguments { first, after, last, before })
        }

        /// What it needs, by reference.
        pub(crate) async fn depends_on(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::DependsOn, Arguments { first, after, last, before })
        }

        /// What needs it, by reference.
        pub(crate) async fn dependents(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::DependencyOf, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// An interface that components serve and call.
    Api as "API" {
        /// Its description in the language of its type; null for one that has `remotes` instead.
        pub(crate) async fn definition(&self, ctx: &Context<'_>) -> Option<Result<String>> {
            view::definition(ctx, &self.0).await.transpose()
        }

        /// Servers that speak it, for the type `mcp-server`; bounded by the document's size.
        pub(crate) async fn remotes(&self) -> Vec<ApiRemote> {
            view::members(&self.0, "/spec/remotes").iter().map(ApiRemote::of).collect()
        }

        /// Who serves it, by reference.
        pub(crate) async fn providers(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::ApiProvidedBy, Arguments { first, after, last, before })
        }

        /// Who calls it, by reference.
        pub(crate) async fn consumers(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::ApiConsumedBy, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// Infrastructure that software needs.
    Resource as "Resource" {
        /// What it needs, by reference.
        pub(crate) async fn depends_on(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::DependsOn, Arguments { first, after, last, before })
        }

        /// What needs it, by reference.
        pub(crate) async fn dependents(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::DependencyOf, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// Components, APIs and resources that belong together.
    System as "System" {
        /// `spec.domain` in full; null where there is none.
        pub(crate) async fn domain_ref(&self) -> Option<EntityRef> {
            self.0.domain.clone().map(EntityRef)
        }

        /// Null where none is declared, or where `domainRef` is not in the catalog.
        pub(crate) async fn domain(&self, ctx: &Context<'_>) -> Option<Domain> {
            view::domain(ctx, &self.0)
        }

        /// Its components, by reference.
        pub(crate) async fn components(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related_of_kind(ctx, &self.0, RelationType::HasPart, Kind::Component, Arguments { first, after, last, before })
        }

        /// Its APIs, by reference.
        pub(crate) async fn apis(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related_of_kind(ctx, &self.0, RelationType::HasPart, Kind::Api, Arguments { first, after, last, before })
        }

        /// Its resources, by reference.
        pub(crate) async fn resources(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related_of_kind(ctx, &self.0, RelationType::HasPart, Kind::Resource, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// Systems of one part of the business.
    Domain as "Domain" {
        /// The domain that it is a part of.
        pub(crate) async fn subdomain_of(&self, ctx: &Context<'_>) -> Option<Domain> {
            view::parent_domain(ctx, &self.0)
        }

        /// Domains that are parts of it, by reference.
        pub(crate) async fn subdomains(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related_of_kind(ctx, &self.0, RelationType::HasPart, Kind::Domain, Arguments { first, after, last, before })
        }

        /// Its systems, by reference.
        pub(crate) async fn systems(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related_of_kind(ctx, &self.0, RelationType::HasPart, Kind::System, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// A team or a larger unit.
    Group as "Group" {
        /// What it shows of itself.
        pub(crate) async fn profile(&self) -> Option<Profile> {
            self.0.at("/spec/profile").as_ref().map(Profile::of)
        }

        /// The group above it, whichever of the two says so.
        pub(crate) async fn parent(&self, ctx: &Context<'_>) -> Option<Group> {
            view::parent_group(ctx, &self.0)
        }

        /// The groups below it, by reference.
        pub(crate) async fn children(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::ParentOf, Arguments { first, after, last, before })
        }

        /// The people in it, by reference.
        pub(crate) async fn members(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::HasMember, Arguments { first, after, last, before })
        }

        /// What it owns, by reference.
        pub(crate) async fn owns(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::OwnerOf, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// A person.
    User as "User" {
        /// What it shows of itself.
        pub(crate) async fn profile(&self) -> Option<Profile> {
            self.0.at("/spec/profile").as_ref().map(Profile::of)
        }

        /// The groups that the person is in, by reference.
        pub(crate) async fn member_of(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::MemberOf, Arguments { first, after, last, before })
        }

        /// What the person owns, by reference.
        pub(crate) async fn owns(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many from the beginning, 100 at most; 50 when neither it nor `last` is given.")]
            first: Option<Int>,
            #[graphql(desc = "Only what stands behind this cursor.")] after: Option<String>,
            #[graphql(desc = "How many from the end, 100 at most.")] last: Option<Int>,
            #[graphql(desc = "Only what stands before this cursor.")] before: Option<String>,
        ) -> Result<EntityConnection> {
            view::related(ctx, &self.0, RelationType::OwnerOf, Arguments { first, after, last, before })
        }
    }
}

kind! {
    /// A pointer to further files.
    LocationEntity as "Location" {
        /// Absolute paths or URLs; bounded by the document's size.
        pub(crate) async fn targets(&self) -> Vec<String> {
            self.0.targets.iter().map(|(_, target)| String::from(&**target)).collect()
        }

        /// Whether the targets must be there.
        pub(crate) async fn presence(&self) -> LocationPresence {
            match self.0.at("/spec/presence").as_ref().and_then(serde_json::Value::as_str) {
                Some("optional") => LocationPresence::Optional,
                _ => LocationPresence::Required,
            }
        }
    }
}

kind! {
    /// A self-service template. It is listed; running it comes later.
    Template as "Template" {
        /// The form that asks for the template's values.
        pub(crate) async fn form(&self) -> TemplateForm {
            TemplateForm::of(&self.0.at("/spec").unwrap_or_default())
        }

        /// What a run does, in order; bounded by the document's size.
        pub(crate) async fn steps(&self) -> Vec<TemplateStep> {
            TemplateStep::all(&self.0.at("/spec/steps").unwrap_or_default())
        }
    }
}

kind! {
    /// An entity of a kind that only a catalog rule names.
    CustomEntity as "CustomEntity" {
    }
}
