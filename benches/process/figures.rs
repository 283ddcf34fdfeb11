//! Figures of all rounds, their medians, and the table that is printed.

use std::collections::BTreeMap;
use std::fmt;

use crate::ROUNDS;
use crate::subject::Subject;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Microseconds,
    CallsPerSecond,
    Mebibytes,
    Bytes,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::CallsPerSecond => "calls/s",
            Self::Mebibytes => "MiB",
            Self::Bytes => "bytes",
        })
    }
}

/// The figures of one part in one round: name, unit, value.
pub(crate) type Figures = Vec<(String, Unit, f64)>;

/// One line of the table: a value for each subject that has one.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    pub(crate) values: BTreeMap<usize, Vec<f64>>,
}

/// All figures; a column is a subject.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(subjects: &[Subject]) -> Self {
        Self {
            columns: subjects
                .iter()
                .map(|subject| subject.name.clone())
                .collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, column: usize, figures: Figures) {
        for (name, unit, value) in figures {
            let at = self.rows.iter().position(|row| row.name == name);
            let at = at.unwrap_or_else(|| {
                let values = BTreeMap::new();
                self.rows.push(Row { name, unit, values });
                self.rows.len() - 1
            });
            let values = self.rows[at].values.entry(column).or_default();
            values.push(value);
        }
    }

    /// Keeps the median of each figure.
    pub(crate) fn medians(mut self) -> Self {
        for values in self.rows.iter_mut().flat_map(|row| row.values.values_mut()) {
            values.sort_unstable_by(f64::total_cmp);
            *values = vec![values[values.len() / 2]];
        }
        self
    }

    /// The value of a row for a subject.
    pub(crate) fn value(&self, row: &Row, column: &str) -> Option<f64> {
        let column = self.columns.iter().position(|name| name == column)?;
        row.values.get(&column)?.first().copied()
    }
}

impl fmt::Display for Table {
    /// As a Markdown table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| median of {ROUNDS} rounds | {} |",
            self.columns.join(" | ")
        )?;
        writeln!(f, "|---|{}", "--:|".repeat(self.columns.len()))?;
        for row in &self.rows {
            write!(f, "| {}, {} |", row.name, row.unit)?;
            for column in 0..self.columns.len() {
                match row.values.get(&column).and_then(|values| values.first()) {
                    Some(value) => write!(f, " {} |", number(*value))?,
                    None => f.write_str(" |")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A number with three significant digits or all before the point, and commas between thousands.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}
