//! Limits of every kind, each with the flag that sets it.

use jiff::SignedDuration;
use proptest::prelude::*;
use saki_mcp::tools::Tools;
use saki_mcp::write::policy::{Limit, Mode};

use crate::support::policy_limits::{accounts, quiet, spaces, tools};

/// One limit, and the flag that sets it.
pub(crate) fn limit() -> impl Strategy<Value = (Limit, &'static str, String)> {
    let modes = vec![Mode::Full, Mode::DraftsOnly, Mode::ReadOnly];
    let list = |ids: &[u64]| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let spaces_of = prop::sample::select(vec![&[1][..], &[2], &[1, 2], &[1, 7]]);
    let accounts_of = prop::sample::select(vec![&[11][..], &[11, 12], &[12, 15, 21], &[13]]);
    prop_oneof![
        2 => prop::sample::select(modes).prop_map(|mode| (Limit::Mode(mode), "--mode", mode.word().to_owned())),
        2 => choice(),
        2 => spaces_of.prop_map(move |ids| (spaces(ids), "--space", list(ids))),
        2 => accounts_of.prop_map(move |ids| (accounts(ids), "--accounts", list(ids))),
        4 => of_time(),
    ]
}

/// A limit of when posts go public.
pub(crate) fn of_time() -> impl Strategy<Value = (Limit, &'static str, String)> {
    let hours = vec!["11:00-13:00", "22:00-09:30", "12:00-11:59"];
    let minutes = vec![3, 15, 45, 90, 600, 2000, 4000];
    prop_oneof![
        (0usize..4).prop_map(|most| (
            Limit::MaxLivePerHour(most),
            "--max-live-per-hour",
            most.to_string()
        )),
        prop::sample::select(hours).prop_map(|hours| (
            quiet(hours),
            "--quiet-hours",
            hours.to_owned()
        )),
        prop::sample::select(minutes).prop_map(|minutes| {
            let lead = SignedDuration::from_mins(minutes);
            (Limit::MinLead(lead), "--min-lead", format!("{minutes}m"))
        }),
    ]
}

/// A choice of tools, in each way there is to make one.
fn choice() -> impl Strategy<Value = (Limit, &'static str, String)> {
    let choices = vec![
        ("--tools", "create_post,list_posts,get_post"),
        ("--tools", "update_post,update_cluster,upload_media"),
        ("--tools", "delete_post,create_slot,update_space"),
        ("--exclude-tools", "create_post,upload_media"),
        ("--exclude-tools", "update_post,delete_post,delete_space"),
        ("--exclude-tools", "update_cluster,delete_media,get_post"),
        ("--toolsets", "posts,media"),
        ("--toolsets", "spaces,accounts,schedule,webhooks"),
    ];
    prop::sample::select(choices).prop_map(|(flag, value)| {
        let given: Vec<&str> = value.split(',').collect();
        let limit = match flag {
            "--toolsets" => tools(flag, &names(&in_sets(&given))),
            _ => tools(flag, &given),
        };
        (limit, flag, value.to_owned())
    })
}

fn in_sets(sets: &[&str]) -> Vec<String> {
    let all = Tools::toolsets().into_iter();
    let chosen = all.filter(|(set, _)| sets.contains(set));
    let tools = chosen.flat_map(|(_, router)| router.list_all());
    tools.map(|tool| tool.name.to_string()).collect()
}

fn names(tools: &[String]) -> Vec<&str> {
    tools.iter().map(String::as_str).collect()
}
