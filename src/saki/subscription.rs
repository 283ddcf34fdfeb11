//! Subscription: plan, limits and usage.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Endpoint;

/// Plan and limits (reference: subscription.show); a number may be null, which means unlimited.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Subscription {
    /// Name of the plan.
    pub plan: String,
    /// Whether the plan was a gift.
    pub is_gifted: bool,
    /// Limits of the plan and their use.
    pub limits: PlanLimits,
    /// The trial, if there is one.
    pub trial: Trial,
    /// Whether the plan was cancelled.
    pub cancelled: bool,
    /// When it ends.
    pub ends_at: Option<String>,
}

/// Limits of a plan and their use.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanLimits {
    /// Spaces that the plan allows.
    pub max_spaces: Option<u64>,
    /// Posts a month that the plan allows.
    pub max_posts_per_month: Option<u64>,
    /// Whether analytics are part of the plan.
    pub has_analytics: bool,
    /// Spaces left.
    pub remaining_spaces: Option<u64>,
    /// Posts left this month.
    pub remaining_posts: Option<u64>,
    /// Posts made this month.
    pub posts_this_month: u64,
}

/// A trial.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trial {
    /// Whether a trial is running.
    pub on_trial: bool,
    /// When it ends.
    pub ends_at: Option<String>,
}

/// Reads plan, limits and trial (reference: subscription.show).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetSubscription {}

impl Endpoint for GetSubscription {
    type Response = Subscription;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/subscription";
}
