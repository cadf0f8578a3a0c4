//! Roots that ask who may.

use std::{borrow::Cow, pin::Pin};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Response, ServerError,
    ServerResult, SubscriptionType, Value,
    futures_util::stream::{self, Stream},
    parser::types::Field,
    registry::Registry,
};

use super::check;
use crate::api::call;

/// A root each of whose fields is asked for a right before it runs, under whatever alias and in whatever fragment it stands.
/// A field that is refused is null, and the others go on.
pub(crate) struct Guarded<T>(pub(crate) T);

fn refused(ctx: &Context<'_>, root: &str) -> Option<ServerError> {
    let refused = check(&call(ctx).caller, root, ctx.item.node.name.node.as_str()).err()?;
    Some(ctx.set_error_path(refused.into_server_error(ctx.item.pos)))
}

#[async_graphql::async_trait::async_trait]
impl<T: ObjectType> ContainerType for Guarded<T> {
    fn is_empty() -> bool {
        T::is_empty()
    }

    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if let Some(refused) = refused(ctx, &T::type_name()) {
            ctx.add_error(refused);
            return Ok(Some(Value::Null));
        }
        self.0.resolve_field(ctx).await
    }

    async fn find_entity(&self, _: &Context<'_>, _: &Value) -> ServerResult<Option<Value>> {
        // Federation's way past the root's fields.
        Ok(None)
    }
}

#[async_graphql::async_trait::async_trait]
impl<T: ObjectType> OutputType for Guarded<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        async_graphql::resolver_utils::resolve_container(ctx, self).await
    }
}

impl<T: ObjectType> ObjectType for Guarded<T> {}

impl<T: SubscriptionType + 'static> SubscriptionType for Guarded<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn is_empty() -> bool {
        T::is_empty()
    }

    fn create_field_stream<'a>(
        &'a self,
        ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        match refused(ctx, &T::type_name()) {
            Some(refused) => Some(Box::pin(stream::once(async { Response::from_errors(vec![refused]) }))),
            None => self.0.create_field_stream(ctx),
        }
    }
}
