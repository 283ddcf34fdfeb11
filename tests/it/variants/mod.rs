//! Variants of Saki: a tour through all tools on random ones, compared with what the variant holds.

use std::collections::BTreeMap;

use saki_mcp::sandbox::Variant;

use crate::support::variant_tour;

/// How many random variants are toured; `SAKI_VARIANTS` sets another number.
const VARIANTS: u64 = 60;

#[tokio::test]
async fn the_default_variant_is_toured_without_a_finding() {
    assert_eq!(variant_tour::findings(Variant::default()).await, [""; 0]);
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
    for seed in first..first + count {
        let variant = Variant::of_seed(seed);
        let line = variant.to_string();
        let findings = variant_tour::findings(variant).await;
        if !findings.is_empty() {
            found.insert(seed, (line, findings));
        }
    }
    for (line, findings) in found.values() {
        eprintln!("variant {line}\n  {}", findings.join("\n  "));
    }
    assert!(
        found.is_empty(),
        "{} of {count} variants have findings",
        found.len()
    );
}
