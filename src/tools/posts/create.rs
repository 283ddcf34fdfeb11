//! `create_post`: prepare, send, and say what was made.

use super::answer::{Written, written};
use super::asked::Asked;
use super::fields::Fields;
use super::made::is_new;
use crate::saki::SpaceId;
use crate::saki::posts::CreatePosts;
use crate::tools::{Failure, Json, Tools};
use crate::write::prepared::Prepared;

impl Tools {
    pub(super) async fn create(&self, asked: Asked) -> Result<Json<Written>, Failure> {
        let space = self.space(asked.space_id.as_deref()).await?;
        let Prepared {
            planned,
            request: body,
        } = self.prepare(&asked, &space, &[]).await?;
        let request = CreatePosts {
            space_id: SpaceId(space.id),
            body,
        };
        let (saki, sent) = (self.saki.clone(), request.clone());
        let sent = self.to_the_end(async move { saki.create_posts(&sent).await });
        let reply = match sent.await {
            Ok(reply) => reply,
            Err(error) => {
                let fields = Fields {
                    asked: &asked,
                    body: &request.body,
                    planned: &planned,
                    space_id: space.id,
                    makes: request.body.items.len() as u64,
                };
                return Err(self.told(error, &fields).await);
            }
        };
        // Saki's own clock, since posts carry its times.
        let answered = reply
            .date
            .unwrap_or_else(|| self.settings.clock.now().as_second());
        let made = self
            .made(request.space_id, &request.body, &planned, &reply, |post| {
                is_new(post, answered)
            })
            .await;
        Ok(Json::new(written(
            &planned,
            made,
            reply,
            self.settings.clock.now(),
        )))
    }
}
