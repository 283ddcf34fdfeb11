//! Weekday numbers: which number Saki has for which day, narrowed down by what it shows.

use jiff::civil::Weekday;

/// The days, Monday first.
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

/// How an API may number the days of a week.
#[derive(Debug, Clone, Copy)]
enum Convention {
    SundayIs0,
    SundayIs1,
    SundayIs7,
    MondayIs0,
}

const CONVENTIONS: [Convention; 4] = [
    Convention::SundayIs0,
    Convention::SundayIs1,
    Convention::SundayIs7,
    Convention::MondayIs0,
];

impl Convention {
    fn number(self, day: Weekday) -> u64 {
        let number = match self {
            Self::SundayIs0 => day.to_sunday_zero_offset(),
            Self::SundayIs1 => day.to_sunday_one_offset(),
            Self::SundayIs7 => day.to_monday_one_offset(),
            Self::MondayIs0 => day.to_monday_zero_offset(),
        };
        number.unsigned_abs().into()
    }

    fn day(self, number: u64) -> Option<Weekday> {
        let days = DAYS.iter().map(|(day, _)| *day);
        days.into_iter().find(|day| self.number(*day) == number)
    }
}

/// The conventions that everything seen so far agrees with; none where Saki contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekdayNumbers([bool; CONVENTIONS.len()]);

impl Default for WeekdayNumbers {
    fn default() -> Self {
        Self([true; CONVENTIONS.len()])
    }
}

impl WeekdayNumbers {
    /// The day that a number stands for, where all possible conventions agree.
    pub fn day(self, number: u64) -> Option<Weekday> {
        self.unanimous(|convention| convention.day(number))
    }

    /// The number of a day, where all possible conventions agree.
    pub fn number(self, day: Weekday) -> Option<u64> {
        self.unanimous(|convention| Some(convention.number(day)))
    }

    /// Saki showed this number.
    pub(super) fn observe(&mut self, number: u64) {
        self.retain(|convention| convention.day(number).is_some());
    }

    /// Saki showed this number for this day.
    pub(super) fn observe_day(&mut self, number: u64, day: Weekday) {
        self.retain(|convention| convention.number(day) == number);
    }

    fn retain(&mut self, agrees: impl Fn(Convention) -> bool) {
        for (possible, convention) in self.0.iter_mut().zip(CONVENTIONS) {
            *possible &= agrees(convention);
        }
    }

    fn unanimous<T: PartialEq>(self, of: impl Fn(Convention) -> Option<T>) -> Option<T> {
        let possible = CONVENTIONS.into_iter().zip(self.0);
        let mut answers = possible
            .filter(|(_, possible)| *possible)
            .map(|(convention, _)| of(convention));
        let first = answers.next()??;
        answers
            .all(|other| other.as_ref() == Some(&first))
            .then_some(first)
    }
}

/// The English word of a day.
pub fn word_of(day: Weekday) -> &'static str {
    let found = DAYS.iter().find(|(known, _)| *known == day);
    found.map_or("", |(_, word)| word)
}

/// The day of an English word in any case, or of its first three letters or more.
pub fn day_of_word(word: &str) -> Option<Weekday> {
    let word = word.trim().trim_end_matches('.').to_lowercase();
    let word = word
        .strip_suffix("days")
        .map_or(word.clone(), |day| format!("{day}day"));
    let mut days = DAYS
        .iter()
        .filter(|(_, full)| word.len() >= 3 && full.starts_with(&word));
    days.next().map(|(day, _)| *day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Weekday::{Friday, Monday, Saturday, Sunday};
    use rstest::rstest;

    #[rstest]
    #[case::nothing(&[], &[], 1, None)]
    #[case::only_a_number(&[5], &[], 5, None)]
    #[case::zero_and_monday(&[0], &[(1, Monday)], 0, Some(Sunday))]
    #[case::seven_and_monday(&[7], &[(1, Monday)], 7, Some(Sunday))]
    #[case::monday_alone_leaves_sunday_open(&[], &[(1, Monday)], 0, None)]
    #[case::monday_alone_settles_friday(&[], &[(1, Monday)], 5, Some(Friday))]
    #[case::seven_is_saturday(&[7], &[(2, Monday)], 7, Some(Saturday))]
    #[case::zero_is_monday(&[0], &[(0, Monday)], 4, Some(Friday))]
    #[case::contradiction(&[], &[(1, Monday), (1, Sunday)], 1, None)]
    #[case::no_convention(&[], &[(3, Monday)], 3, None)]
    fn a_number_is_a_day_where_everything_seen_agrees(
        #[case] numbers: &[u64],
        #[case] days: &[(u64, Weekday)],
        #[case] number: u64,
        #[case] expected: Option<Weekday>,
    ) {
        let mut known = WeekdayNumbers::default();
        numbers.iter().for_each(|number| known.observe(*number));
        days.iter()
            .for_each(|(number, day)| known.observe_day(*number, *day));
        assert_eq!(known.day(number), expected);
        if let Some(day) = expected {
            assert!([Some(number), None].contains(&known.number(day)));
        }
    }

    #[rstest]
    #[case("Friday", Some(Friday))]
    #[case("FRI", Some(Friday))]
    #[case("fri.", Some(Friday))]
    #[case("fr", None)]
    #[case("freitag", None)]
    fn an_english_word_names_a_day(#[case] word: &str, #[case] expected: Option<Weekday>) {
        assert_eq!(day_of_word(word), expected);
    }
}
