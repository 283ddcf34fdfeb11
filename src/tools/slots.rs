//! Posting time slots: the tools about them.

use std::collections::BTreeSet;

use jiff::civil::Weekday;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use serde_json::{Map, Value};

use super::directory::{KnownSpace, rows};
use super::list_and_read::{Listed, RowOfSpace, row_of};
use super::pipeline::{ChangeAnswer, Changed, SimpleWrite, WriteArgs, WriteTraits};
use super::space_scoped::{SpaceScoped, SpacesScoped};
use super::{Failure, FieldMapper, IdentityMapper, Json, MappedField, Tools};
use crate::saki::queue::GetQueue;
use crate::saki::slots::{CreateSlot, DeleteSlot, ListSlots, Slot, SlotDay, SlotView, is_day};
use crate::saki::weekday_numbers::{WeekdayNumbers, word_of};
use crate::saki::{SpaceId, lenient_json};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::planned_request::PlannedRequest;
use crate::write::preview::Preview;

#[tool_router(router = slots, vis = "pub(crate)")]
impl Tools {
    /// Lists the posting time slots of a space: the weekly times it usually posts at. A slot holds no post by itself; get_queue shows what goes out.
    #[tool(title = "List posting time slots", annotations(read_only_hint = true))]
    async fn list_slots(
        &self,
        Parameters(request): Parameters<SpacesScoped<ListSlots>>,
    ) -> Result<Json<Listed<RowOfSpace<Slot>>>, Failure> {
        let requests = request.resolve_all(self).await?;
        let mut list = self.list_in(request).await?;
        for (space, _) in &requests {
            let rows = rows(&list.saki).iter().filter_map(Value::as_object);
            let of_space = |row: &&Map<String, Value>| {
                requests.len() == 1 || lenient_json::integer(*row, "space_id") == Some(space.id)
            };
            self.learn_from(space, rows.filter(of_space).cloned().collect())
                .await;
        }
        let mut unknown = BTreeSet::new();
        let rows = list.saki.get_mut("data").and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
            unknown.extend(self.saki.name_day(row));
        }
        if !unknown.is_empty() {
            list.ours.note.get_or_insert(unknown_days(&unknown));
        }
        Ok(Json::Untrusted(list))
    }

    /// Adds a weekly posting time to a space and returns it. Schedules and publishes nothing. A refusal names the fields that Saki wants; further fields are passed on as they are.
    #[tool(title = "Create a posting time slot")]
    async fn create_slot(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<CreateSlot>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<CreateSlot>>, Failure> {
        self.write(args, context).await
    }

    /// Deletes a posting time slot. It is not known whether posts scheduled at that time stay; check with get_queue.
    #[tool(title = "Delete a posting time slot")]
    async fn delete_slot(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<DeleteSlot>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeleteSlot>>, Failure> {
        self.write(args, context).await
    }
}

impl SimpleWrite for CreateSlot {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings"],
        ..WriteTraits::DEFAULT
    };

    async fn resolve_names(&mut self, tools: &Tools) -> Result<(), Failure> {
        if let Some(given) = &self.account_id {
            let account = tools
                .directory
                .find_account(self.space_id, "account_id", given);
            self.account_id = Some(account.await?.id.to_string());
        }
        Ok(())
    }

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let slots = tools
            .readable_rows(ListSlots {
                space_id: self.space_id,
            })
            .await;
        let slots = slots.unwrap_or_default();
        tools
            .learn_from(&KnownSpace::unlisted(self.space_id.0), slots.clone())
            .await;
        let numbers = tools.saki.weekday_numbers();
        match self.day() {
            Some(SlotDay::Number(number)) if numbers.day(number).is_none() => {
                return Err(Failure::argument(
                    "weekday",
                    format!(
                        "which day is {number}? How this Saki numbers the days is not known. Ask, and pass the day as a word. Where Saki takes only numbers and a person knows which day {number} is, pass both: \"{number} DAY\"."
                    ),
                ));
            }
            Some(SlotDay::NumberedWord(number, day))
                if numbers.day(number).is_some_and(|known| known != day) =>
            {
                return Err(Failure::argument(
                    "weekday",
                    format!(
                        "Saki's {number} is not {}. Pass only the day that is meant, as a word.",
                        word_of(day)
                    ),
                ));
            }
            _ => {}
        }
        let mut preview = Preview::of(String::new(), &tools.saki, self)?;
        let body = preview.request.as_ref().and_then(PlannedRequest::fields);
        let body = body.cloned().unwrap_or_default();
        let day = self.day();
        let described = describe(SlotView(&body), day, numbers);
        preview.what = format!(
            "Adds a weekly posting time ({described}); it schedules and publishes nothing."
        );
        let wanted = (SlotView(&body), day.and_then(|day| day.weekday(numbers)));
        let mut same = slots
            .iter()
            .filter(|slot| is_same(wanted, SlotView(slot), numbers));
        if let Some(id) = same.find_map(|slot| lenient_json::integer(slot, "id")) {
            preview
                .lasting_warnings
                .push(format!("The space has a slot at this time already: {id}."));
        }
        let effects = Effects::changing(Resource::to_create(ResourceKind::Slot));
        Ok((effects, preview))
    }

    fn mapper(&self, tools: &Tools) -> impl FieldMapper + Send + Sync {
        let numbers = tools.saki.weekday_numbers();
        let hint = match self.day() {
            Some(SlotDay::Word(day))
                if numbers.number(day).is_none() && !tools.saki.shows_day_words() =>
            {
                Some(format!(
                    "If Saki wants the day as a number: which number it has for {0} is not known, so none was sent. If a person knows it, pass both: \"NUMBER {0}\".",
                    word_of(day)
                ))
            }
            _ => None,
        };
        let fields = IdentityMapper::of(self);
        SlotMapper { fields, hint }
    }

    async fn complete(&self, tools: &Tools, answer: &mut ChangeAnswer<Self>) {
        let (Some(given), Some(shown)) = (self.day(), SlotView(&answer.saki).day()) else {
            return;
        };
        tools.saki.learn_from_created(given, &answer.saki);
        let numbers = tools.saki.weekday_numbers();
        let days = given.weekday(numbers).zip(shown.weekday(numbers));
        if let Some((given, shown)) = days.filter(|(given, shown)| given != shown) {
            let (given, shown) = (word_of(given), word_of(shown));
            answer.ours.warnings.push(format!(
                "Saki made the slot on {shown}, not on {given}. Check it with list_slots."
            ));
        }
        let unknown: BTreeSet<u64> = tools.saki.name_day(&mut answer.saki).into_iter().collect();
        if !unknown.is_empty() {
            answer.ours.warnings.push(unknown_days(&unknown));
        }
    }
}

/// Names the fields of a slot, and what is not known where its day is refused.
struct SlotMapper {
    fields: IdentityMapper,
    hint: Option<String>,
}

impl FieldMapper for SlotMapper {
    fn map_field(&self, field: &str) -> MappedField {
        let hint = self.hint.clone().filter(|_| is_day(field));
        MappedField {
            hint,
            ..self.fields.map_field(field)
        }
    }
}

impl SimpleWrite for DeleteSlot {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings", "removed"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, id) = (self.space_id, self.slot_id.0);
        let slots = tools.readable_rows(ListSlots { space_id }).await?;
        tools
            .learn_from(&KnownSpace::unlisted(space_id.0), slots.clone())
            .await;
        let mut slot = row_of(id, slots);
        let mut preview = Preview::of(format!("Deletes the slot {id}."), &tools.saki, self)?;
        if let Some(slot) = &mut slot {
            let (view, numbers) = (SlotView(slot), tools.saki.weekday_numbers());
            preview.what = format!(
                "Deletes the slot {id} ({}).",
                describe(view, view.day(), numbers)
            );
            tools.saki.name_day(slot);
        }
        let resource = Resource::new(ResourceKind::Slot, id).in_space(slot.is_some());
        let effects = Effects::deleting(resource);
        Ok((effects, preview.deleting(ResourceKind::Slot, id, slot)))
    }
}

impl Tools {
    /// Learns from the slots of a space, and from one look at its queue where the day of a number is not known.
    async fn learn_from(&self, space: &KnownSpace, slots: Vec<Map<String, Value>>) {
        self.saki.learn_from_slots(slots.iter());
        let numbers = self.saki.weekday_numbers();
        let is_unknown = |slot: &Map<String, Value>| {
            SlotView(slot)
                .day()
                .is_some_and(|day| day.weekday(numbers).is_none())
        };
        if !slots.iter().any(is_unknown) {
            return;
        }
        let queue = GetQueue {
            space_id: SpaceId(space.id),
        };
        let Ok(queue) = self.saki.send(&queue).await else {
            return;
        };
        let zone = self.directory.space_timezone(space).await;
        let zone = zone.unwrap_or_else(|| self.zone());
        self.saki
            .learn_from_queue(slots.iter(), rows(&queue.into_list()), &zone);
    }
}

/// `monday 09:00 Europe/Berlin`
fn describe(slot: SlotView<'_>, day: Option<SlotDay>, numbers: WeekdayNumbers) -> String {
    let day = day.map(|day| match (day, day.weekday(numbers)) {
        (SlotDay::Number(number), Some(day)) => {
            format!("{}, Saki's weekday {number},", word_of(day))
        }
        (SlotDay::Number(number), None) => unknown_days(&BTreeSet::from([number])),
        (_, day) => day.map(word_of).unwrap_or_default().to_owned(),
    });
    let time = slot.time().map(|time| time.strftime("%H:%M").to_string());
    let parts = [day, time, slot.zone()].into_iter().flatten();
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => "without a day or time that is known".to_owned(),
        false => parts.join(" "),
    }
}

fn unknown_days(numbers: &BTreeSet<u64>) -> String {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    format!(
        "weekday {}: which day that is is not known.",
        numbers.join(", ")
    )
}

/// Whether a slot is at the wanted time.
fn is_same(
    (wanted, day): (SlotView<'_>, Option<Weekday>),
    slot: SlotView<'_>,
    numbers: WeekdayNumbers,
) -> bool {
    let of_slot = slot.day().and_then(|day| day.weekday(numbers));
    let is_other_zone = wanted.zone().zip(slot.zone()).is_some_and(|(a, b)| a != b);
    day.is_some()
        && day == of_slot
        && wanted.time().is_some()
        && wanted.time() == slot.time()
        && wanted.account_id() == slot.account_id()
        && !is_other_zone
}
