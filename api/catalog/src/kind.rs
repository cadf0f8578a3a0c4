//! The kinds that Plinth has a type for.

/// A kind of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A piece of software.
    Component,
    /// An interface that components serve and call.
    Api,
    /// Infrastructure that software needs.
    Resource,
    /// Components, APIs and resources that belong together.
    System,
    /// Systems of one part of the business.
    Domain,
    /// A team or a larger unit.
    Group,
    /// A person.
    User,
    /// A pointer to further files.
    Location,
    /// A self-service template.
    Template,
    /// A kind that only a catalog rule names.
    Custom,
}

impl Kind {
    /// Those with a type of their own.
    pub const BUILT_IN: [Self; 9] = [
        Self::Component,
        Self::Api,
        Self::Resource,
        Self::System,
        Self::Domain,
        Self::Group,
        Self::User,
        Self::Location,
        Self::Template,
    ];

    /// As a document writes it; empty for a custom one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Component => "Component",
            Self::Api => "API",
            Self::Resource => "Resource",
            Self::System => "System",
            Self::Domain => "Domain",
            Self::Group => "Group",
            Self::User => "User",
            Self::Location => "Location",
            Self::Template => "Template",
            Self::Custom => "",
        }
    }

    /// The built-in kind written exactly so.
    pub fn named(name: &str) -> Option<Self> {
        Self::BUILT_IN.into_iter().find(|kind| kind.as_str() == name)
    }
}
