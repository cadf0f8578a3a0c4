//! How entities relate (<https://backstage.io/docs/features/software-catalog/well-known-relations>).

use plinth_model::EntityRef;

/// A relation's type; each has a reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationType {
    /// A thing to its owner.
    OwnedBy,
    /// A group or person to what it owns.
    OwnerOf,
    /// A part to the whole.
    PartOf,
    /// The whole to a part.
    HasPart,
    /// A component to an API that it serves.
    ProvidesApi,
    /// An API to who serves it.
    ApiProvidedBy,
    /// A component to an API that it calls.
    ConsumesApi,
    /// An API to who calls it.
    ApiConsumedBy,
    /// A thing to what it needs.
    DependsOn,
    /// A thing to what needs it.
    DependencyOf,
    /// A group to the group above it.
    ChildOf,
    /// A group to a group below it.
    ParentOf,
    /// A person to a group.
    MemberOf,
    /// A group to a person.
    HasMember,
}

use RelationType::{
    ApiConsumedBy, ApiProvidedBy, ChildOf, ConsumesApi, DependencyOf, DependsOn, HasMember, HasPart, MemberOf, OwnedBy,
    OwnerOf, ParentOf, PartOf, ProvidesApi,
};

impl RelationType {
    /// All of them, each forward type before its reverse.
    pub const ALL: [Self; 14] = [
        OwnedBy,
        OwnerOf,
        PartOf,
        HasPart,
        ProvidesApi,
        ApiProvidedBy,
        ConsumesApi,
        ApiConsumedBy,
        DependsOn,
        DependencyOf,
        ChildOf,
        ParentOf,
        MemberOf,
        HasMember,
    ];

    /// As Backstage writes it: `ownedBy`.
    pub fn as_str(self) -> &'static str {
        match self {
            OwnedBy => "ownedBy",
            OwnerOf => "ownerOf",
            PartOf => "partOf",
            HasPart => "hasPart",
            ProvidesApi => "providesApi",
            ApiProvidedBy => "apiProvidedBy",
            ConsumesApi => "consumesApi",
            ApiConsumedBy => "apiConsumedBy",
            DependsOn => "dependsOn",
            DependencyOf => "dependencyOf",
            ChildOf => "childOf",
            ParentOf => "parentOf",
            MemberOf => "memberOf",
            HasMember => "hasMember",
        }
    }

    /// The type of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// The same relation, seen from the other end.
    pub fn reverse(self) -> Self {
        let place = self as usize;
        Self::ALL[place ^ 1]
    }

    /// Whether this is the direction that documents and graphs are told in.
    pub fn is_forward(self) -> bool {
        (self as usize).is_multiple_of(2)
    }
}

/// One relation between two references, which need not be in the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    /// What `source` is to `target`.
    pub kind: RelationType,
    /// Where it begins.
    pub source: EntityRef,
    /// Where it leads.
    pub target: EntityRef,
}

impl Relation {
    /// The same relation, told from the other end.
    pub fn reversed(self) -> Self {
        let Self { kind, source, target } = self;
        Self { kind: kind.reverse(), source: target, target: source }
    }

    /// The same relation in its forward type.
    pub fn forward(self) -> Self {
        if self.kind.is_forward() { self } else { self.reversed() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_and_its_reverse_are_each_others_reverse() {
        for kind in RelationType::ALL {
            assert_eq!(kind.reverse().reverse(), kind);
            assert_ne!(kind.is_forward(), kind.reverse().is_forward());
            assert_eq!(RelationType::named(kind.as_str()), Some(kind));
        }
        assert_eq!(OwnerOf.reverse(), OwnedBy);
        assert_eq!(MemberOf.reverse(), HasMember);
    }
}
