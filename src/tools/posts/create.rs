//! `create_post`: prepare, send, and say what was made.

use super::answer::{TOLD, Written, written};
use super::asked::Asked;
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
        let reply = self
            .to_the_end(async move { saki.create_posts(&sent).await })
            .await?;
        // Saki's own clock, since posts carry its times.
        let answered = reply
            .date
            .unwrap_or_else(|| self.settings.clock.now().as_second());
        let made = self
            .made(request.space_id, &request.body, &planned, &reply, |post| {
                is_new(post, answered)
            })
            .await;
        self.understood.stand_in_the_answer(&TOLD);
        Ok(Json::new(written(
            &planned,
            made,
            reply,
            self.settings.clock.now(),
        )))
    }
}
