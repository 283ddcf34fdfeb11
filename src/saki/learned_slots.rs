//! Learning from slots: the names, forms and weekday numbers that Saki shows in its lists, its queue and its answers.

use std::any::type_name;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::slots::{CreateSlot, SlotDay, SlotView};
use super::weekday_numbers::{WeekdayNumbers, word_of};
use super::{Client, DayForm, Rewording, lenient_json};

impl Client {
    /// Which number Saki has for which day, as far as is known.
    pub fn weekday_numbers(&self) -> WeekdayNumbers {
        self.dialect().learned().weekday_numbers
    }

    /// Whether the slots that Saki lists show their days as words.
    pub fn shows_day_words(&self) -> bool {
        let wording = self
            .dialect()
            .wording(type_name::<CreateSlot>())
            .into_iter();
        let mut forms = wording.filter_map(Rewording::day_form);
        forms.any(|form| matches!(form, DayForm::AsGiven | DayForm::Capitalized))
    }

    /// Learns from slots that Saki lists: the names and forms of their fields, and the numbers of the days.
    pub fn learn_from_slots<'a>(&self, slots: impl Iterator<Item = &'a Map<String, Value>>) {
        let slots: Vec<SlotView<'_>> = slots.map(SlotView).collect();
        for slot in &slots {
            if let Some(SlotDay::Number(number)) = slot.day() {
                let numbers = &mut self.dialect().learned().weekday_numbers;
                numbers.observe(number);
                if let Some(day) = slot.word_beside() {
                    numbers.observe_day(number, day);
                }
            }
        }
        if let Some(slot) = slots.first() {
            let wording = slot.wording(self.weekday_numbers());
            self.dialect()
                .suggest_wording(type_name::<CreateSlot>(), wording);
        }
    }

    /// Learns the numbers of the days from a queue whose rows name their slots.
    ///
    /// A row counts where it is at the time of day of its slot: a post that was moved may be on another day.
    pub fn learn_from_queue<'a>(
        &self,
        slots: impl Iterator<Item = &'a Map<String, Value>>,
        queue: &[Value],
        zone: &TimeZone,
    ) {
        for slot in slots {
            let view = SlotView(slot);
            let (Some(SlotDay::Number(number)), Some(time)) = (view.day(), view.time()) else {
                continue;
            };
            let id = lenient_json::integer(slot, "id");
            let own_zone = view.zone().and_then(|name| TimeZone::get(&name).ok());
            let zone = own_zone.as_ref().unwrap_or(zone);
            let of_slot = queue
                .iter()
                .filter(|row| id.is_some() && slot_of(row) == id);
            let at = of_slot.filter_map(|row| Some(zone.to_datetime(at_of(row)?)));
            for at in at.filter(|at| (at.hour(), at.minute()) == (time.hour(), time.minute())) {
                let numbers = &mut self.dialect().learned().weekday_numbers;
                numbers.observe_day(number, at.weekday());
            }
        }
    }

    /// Learns the number of a day from a slot that was just created with its word.
    pub fn learn_from_created(&self, given: SlotDay, created: &Map<String, Value>) {
        // A Saki that makes a number of any word makes 0 of it.
        if let (SlotDay::Word(day), Some(SlotDay::Number(number @ 1..))) =
            (given, SlotView(created).day())
        {
            self.dialect()
                .learned()
                .weekday_numbers
                .observe_day(number, day);
        }
    }

    /// Puts the word of its day beside a slot whose day is a number; returns the number where its day is not known.
    pub fn name_day(&self, slot: &mut Map<String, Value>) -> Option<u64> {
        let Some(SlotDay::Number(number)) = SlotView(slot).day() else {
            return None;
        };
        match self.weekday_numbers().day(number) {
            None => Some(number),
            Some(day) => {
                slot.entry("weekday_name")
                    .or_insert_with(|| word_of(day).into());
                None
            }
        }
    }
}

/// The slot that a row of the queue names.
fn slot_of(row: &Value) -> Option<u64> {
    let post = row.get("post").unwrap_or(row);
    let named = [row, post]
        .into_iter()
        .find_map(|of| lenient_json::integer(of, "slot_id"));
    named.or_else(|| lenient_json::integer(row.get("slot")?, "id"))
}

fn at_of(row: &Value) -> Option<Timestamp> {
    let post = row.get("post").unwrap_or(row);
    let at = row.get("at").or_else(|| post.get("scheduled_at"))?;
    lenient_json::timestamp(at)
}
