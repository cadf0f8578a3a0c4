//! Ids of the schema's nodes: opaque to clients, typed to us.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::EntityRef;

/// What a `Node.id` stands for. Its text is base64url, so that it may stand in a URL as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NodeId {
    /// An entity, by its reference.
    Entity(EntityRef),
    /// A registered location.
    Location(Uuid),
    /// One reading of a location.
    LocationSync(Uuid),
}

/// A text that is no id of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id that Plinth gave")]
pub struct NodeIdError;

impl NodeId {
    /// The opaque text.
    pub fn encode(&self) -> String {
        let tagged = match self {
            Self::Entity(entity) => format!("e{entity}"),
            Self::Location(id) => format!("l{}", id.simple()),
            Self::LocationSync(id) => format!("s{}", id.simple()),
        };
        URL_SAFE_NO_PAD.encode(tagged)
    }

    /// Reads an id back.
    ///
    /// # Errors
    /// Where the text is none that [`NodeId::encode`] writes.
    pub fn decode(text: &str) -> Result<Self, NodeIdError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NodeIdError)?;
        let tagged = String::from_utf8(bytes).map_err(|_| NodeIdError)?;
        let uuid = |text: &str| Uuid::try_parse(text).map_err(|_| NodeIdError);
        let id = match tagged.split_at_checked(1).ok_or(NodeIdError)? {
            ("e", text) => Self::Entity(text.parse().map_err(|_| NodeIdError)?),
            ("l", text) => Self::Location(uuid(text)?),
            ("s", text) => Self::LocationSync(uuid(text)?),
            _ => return Err(NodeIdError),
        };
        if id.encode() == text { Ok(id) } else { Err(NodeIdError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_back_what_it_was_made_of() {
        for id in [
            NodeId::Entity(EntityRef::new("Component", "default", "user-service")),
            NodeId::Location(Uuid::from_u128(7)),
            NodeId::LocationSync(Uuid::from_u128(8)),
        ] {
            assert_eq!(NodeId::decode(&id.encode()), Ok(id));
        }
    }

    #[test]
    fn another_text_is_refused() {
        for text in ["", "e", "user-service", "!", "ZQ", "eDEyMw"] {
            assert_eq!(NodeId::decode(text), Err(NodeIdError), "{text}");
        }
        let upper = URL_SAFE_NO_PAD.encode("eComponent:default/user-service");
        assert_eq!(NodeId::decode(&upper), Err(NodeIdError));
    }
}
