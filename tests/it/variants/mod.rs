//! Variants of Saki: a tour through all tools on random ones, compared with what the variant holds.

use std::collections::BTreeMap;

use saki_mcp::sandbox::Variant;

use crate::support::variant_tour;

/// How many random variants are toured; `SAKI_VARIANTS` sets another number, and `SAKI_FIRST_VARIANT` another first seed.
const VARIANTS: u64 = 60;

#[tokio::test]
async fn the_default_variant_is_toured_without_a_finding() {
    let tour = variant_tour::tour(Variant::default()).await;
    assert_eq!(tour.findings, [""; 0]);
}

#[tokio::test]
async fn random_variants_are_toured_without_a_finding() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let first = number("SAKI_FIRST_VARIANT").unwrap_or(1);
    let count = number("SAKI_VARIANTS").unwrap_or(VARIANTS);
    let mut found = BTreeMap::new();
    let (mut calls, mut further_calls) = (0, Vec::new());
    for seed in first..first + count {
        let variant = Variant::of_seed(seed);
        let line = variant.to_string();
        let tour = variant_tour::tour(variant).await;
        calls += tour.calls;
        further_calls.extend(tour.calls_to_get_through);
        if !tour.findings.is_empty() {
            found.insert(seed, (line, tour.findings));
        }
    }
    let mean = f64::from(further_calls.iter().sum::<u32>()) / further_calls.len() as f64;
    eprintln!(
        "{count} variants from {first}, {calls} calls, {} refusals, {mean:.3} more calls to get through each",
        further_calls.len()
    );
    for (line, findings) in found.values() {
        eprintln!("variant {line}\n  {}", findings.join("\n  "));
    }
    assert!(
        found.is_empty(),
        "{} of {count} variants have findings",
        found.len()
    );
}
