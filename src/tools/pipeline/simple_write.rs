//! Simple writes: the arguments are the request, except that the space is resolved.

use std::future::Future;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde::de::DeserializeOwned;

use super::{ChangeAnswer, Write, WriteAnswer, WriteTraits};
use crate::saki::Endpoint;
use crate::tools::space_scoped::SpaceScoped;
use crate::tools::{Failure, FieldMapper, IdentityMapper, Tools};
use crate::write::effects::Effects;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

/// A request that is a write by itself.
pub(crate) trait SimpleWrite: Endpoint + DeserializeOwned + Clone + 'static {
    /// What it declares about itself.
    const TRAITS: WriteTraits;

    /// Resolves what its arguments name by words; it reads only.
    fn resolve_names(&mut self, _: &Tools) -> impl Future<Output = Result<(), Failure>> + Send {
        std::future::ready(Ok(()))
    }

    /// Looks at what it is about; it reads only.
    fn preview(
        &self,
        tools: &Tools,
    ) -> impl Future<Output = Result<(Effects, Preview), Failure>> + Send;

    /// What its fields are called where Saki refuses them.
    fn mapper(&self, _: &Tools) -> impl FieldMapper + Send + Sync {
        IdentityMapper::of(self)
    }

    /// Adds to the answer what this write alone knows of it; it reads only.
    fn complete(&self, _: &Tools, _: &mut ChangeAnswer<Self>) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

impl<E: SimpleWrite> Write for SpaceScoped<E> {
    type Endpoint = E;
    type Request = E;
    type Answer = ChangeAnswer<E>;
    const TRAITS: WriteTraits = E::TRAITS;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<E>, Failure> {
        let mut request = self.resolve(tools).await?;
        request.resolve_names(tools).await?;
        let (effects, preview) = request.preview(tools).await?;
        Ok(Prepared {
            effects,
            preview,
            request,
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<E>,
        _: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let request = prepared.request;
        let mut answer = tools
            .send_change(prepared.effects, &request, &request.mapper(tools))
            .await?;
        request.complete(tools, &mut answer).await;
        let preview = prepared.preview;
        answer.ours.warnings.extend(preview.lasting_warnings);
        // Nobody can look at it any more, so it is shown this once.
        answer.ours.removed = preview.facts.removed;
        Ok(WriteAnswer::Done(answer))
    }
}
