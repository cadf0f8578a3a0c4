//! The GraphQL schema: a file per noun, roots that only merge.
