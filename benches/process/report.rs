//! `BENCHMARKS.md` and its pictures.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, anyhow};
use plotters::prelude::*;

use crate::figures::{Table, Unit, number};
use crate::growth::Curve;
use crate::peers;

/// The text around the tables; `{…}` is filled in.
const TEMPLATE: &str = include_str!("benchmarks.md");
const PICTURES: &str = "docs/benchmarks";

pub(crate) fn write(
    path: &Path,
    table: &Table,
    load: &str,
    curves: &[Curve],
) -> anyhow::Result<()> {
    std::fs::create_dir_all(PICTURES)?;
    draw_rates(table)?;
    let mut growth = String::new();
    for curve in curves {
        draw_curve(curve)?;
        let Curve {
            file, name, size, ..
        } = curve;
        write!(
            growth,
            "\n### {name}, by {size}\n\n![{name}, by {size}]({PICTURES}/{file}.svg)\n\n{curve}"
        )?;
    }
    let text = TEMPLATE
        .replace("{machine}", &machine()?)
        .replace("{table}", table.to_string().trim_end())
        .replace("{load}", load.trim_end())
        .replace("{ratios}", ratios(table).trim_end())
        .replace("{growth}", growth.trim());
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

/// Processor, date and versions.
fn machine() -> anyhow::Result<String> {
    let first = |command: &mut Command| {
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        anyhow::Ok(text.lines().next().unwrap_or_default().to_owned())
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name\t: "));
    let rust = first(Command::new("rustc").arg("--version"))?;
    let node = first(Command::new("node").arg("--version"))?;
    let python = first(Command::new("python3").arg("--version"))?;
    let date = jiff::Timestamp::now().strftime("%F");
    let (typescript, fastmcp) = (peers::TYPESCRIPT.1, peers::FASTMCP.1);
    let processors = std::thread::available_parallelism()?;
    Ok(format!(
        "{date}, {} ({processors} processors), {rust}, Node {node}, {python}, TypeScript SDK {typescript}, FastMCP {fastmcp}",
        cpu.unwrap_or("processor unknown")
    ))
}

/// How many times the rate, or how small a part of the cost, this server has beside each peer.
fn ratios(table: &Table) -> String {
    let mut text = String::new();
    let is_peer = |name: &&String| !name.starts_with("saki-mcp") && *name != "direct";
    let peers: Vec<&str> = table
        .columns
        .iter()
        .filter(is_peer)
        .map(String::as_str)
        .collect();
    for row in &table.rows {
        let Some(own) = table.value(row, "saki-mcp") else {
            continue;
        };
        let ratio = |peer: &str| {
            let other = table.value(row, peer)?;
            let ratio = match row.unit {
                Unit::CallsPerSecond => own / other,
                _ => other / own,
            };
            Some(number(ratio))
        };
        let cells: Vec<String> = peers.iter().filter_map(|peer| ratio(peer)).collect();
        if !cells.is_empty() {
            text += &format!("| {} | {} |\n", row.name, cells.join(" | "));
        }
    }
    format!(
        "| times better than | {} |\n|---|--:|--:|\n{text}",
        peers.join(" | ")
    )
}

fn draw_rates(table: &Table) -> anyhow::Result<()> {
    let rows = table.rows.iter();
    let rows = rows.filter(|row| row.name.starts_with("stdio") && row.name.ends_with("in flight"));
    let servers = table.columns.iter().filter(|name| *name != "direct");
    let mut bars: Vec<(String, f64)> = Vec::new();
    for row in rows {
        for server in servers.clone() {
            let value = table.value(row, server).unwrap_or_default();
            bars.push((format!("{server}: {}", row.name), value));
        }
    }
    let most = bars.iter().map(|bar| bar.1).fold(0.0, f64::max);
    let path = format!("{PICTURES}/rates.svg");
    let height = 60 + 34 * bars.len() as u32;
    let area = SVGBackend::new(&path, (760, height)).into_drawing_area();
    let drawn = || -> Result<(), Box<dyn std::error::Error>> {
        area.fill(&WHITE)?;
        let font = ("sans-serif", 14);
        area.draw(&Text::new(
            "Calls per second (more is better)",
            (12, 14),
            ("sans-serif", 17),
        ))?;
        for (index, (name, value)) in bars.iter().enumerate() {
            let top = 46 + 34 * index as i32;
            let end = 300 + (360.0 * value / most) as i32;
            let color = match name.starts_with("saki-mcp") {
                true => RGBColor(32, 96, 176),
                false => RGBColor(160, 160, 160),
            };
            area.draw(&Text::new(name.clone(), (12, top + 3), ("sans-serif", 12)))?;
            area.draw(&Rectangle::new(
                [(300, top), (end.max(301), top + 20)],
                color.filled(),
            ))?;
            area.draw(&Text::new(
                number(*value),
                (end.max(301) + 6, top + 3),
                font,
            ))?;
        }
        area.present()?;
        Ok(())
    }();
    drawn.map_err(|error| anyhow!("{path}: {error}"))
}

/// Both axes are logarithmic, so that a cost in proportion to its work is a straight line.
fn draw_curve(curve: &Curve) -> anyhow::Result<()> {
    let path = format!("{PICTURES}/{}.svg", curve.file);
    let range = |pick: fn(&(f64, f64)) -> f64| {
        let values = curve.points.iter().map(pick);
        let (least, most) = values.fold((f64::MAX, 0.0_f64), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        (least * 0.8..most * 1.25).log_scale()
    };
    let drawn = || -> Result<(), Box<dyn std::error::Error>> {
        let area = SVGBackend::new(&path, (640, 300)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(format!("{} (ms)", curve.name), ("sans-serif", 16))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(range(|point| point.0), range(|point| point.1))?;
        chart
            .configure_mesh()
            .x_desc(curve.size)
            .light_line_style(WHITE)
            .draw()?;
        let blue = RGBColor(32, 96, 176);
        chart.draw_series(LineSeries::new(
            curve.points.iter().copied(),
            blue.stroke_width(2),
        ))?;
        chart.draw_series(
            curve
                .points
                .iter()
                .map(|point| Circle::new(*point, 4, blue.filled())),
        )?;
        area.present()?;
        Ok(())
    }();
    drawn.map_err(|error| anyhow!("{path}: {error}"))
}
