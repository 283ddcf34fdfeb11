//! Check of TLS: whether Saki's certificate was accepted, and what to do where it was not.

use super::check_outcomes::Check;
use super::network_checks::CLOCK_FIX;
use crate::saki::{Error, NetworkFailure, Reply};

/// Whether the certificate was accepted.
pub(super) fn check_tls(answer: &Result<Reply, Error>) -> Option<Check> {
    let Err(Error::Network {
        failure, reason, ..
    }) = answer
    else {
        let setup = matches!(answer, Err(Error::ClientSetup(_)));
        return (!setup).then(|| Check::ok("tls", "the certificate is trusted"));
    };
    if *failure != NetworkFailure::Tls {
        return None;
    }
    let (finding, fix) = tls_problem(reason);
    Some(Check::problem("tls", format!("{finding} ({reason})"), fix))
}

/// What an error of TLS means, and what to do. The names are those of rustls, which reach us only as text.
fn tls_problem(reason: &str) -> (&'static str, &'static str) {
    if reason.contains("UnknownIssuer") {
        (
            "the certificate is from an authority that this machine does not know; perhaps a company's proxy inspects TLS",
            "ask for that authority's certificate, and name the file with --ca-cert or SAKI_CA_CERT",
        )
    } else if reason.contains("xpired")
        || reason.contains("NotValidYet")
        || reason.contains("not valid yet")
    {
        (
            "the certificate has expired or is not valid yet; perhaps this machine's clock is wrong",
            CLOCK_FIX,
        )
    } else if reason.contains("CaUsedAsEndEntity") {
        (
            "the certificate vouches for itself, so this is not Saki; perhaps the login page of this network or a program that inspects TLS answers",
            "log in to the network, or correct SAKI_BASE_URL",
        )
    } else if reason.contains("NotValidForName") || reason.contains("not valid for name") {
        (
            "the certificate belongs to another host",
            "correct SAKI_BASE_URL",
        )
    } else {
        (
            "the TLS connection failed",
            "correct SAKI_BASE_URL; in a company network, name its authority with --ca-cert",
        )
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::tls_problem;

    #[rstest]
    #[case(
        "invalid peer certificate: UnknownIssuer",
        "does not know",
        "--ca-cert"
    )]
    #[case("invalid peer certificate: Expired", "has expired", "clock")]
    #[case(
        "certificate not valid yet: verification time 1 (UNIX)",
        "not valid yet",
        "clock"
    )]
    #[case(
        "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
        "vouches for itself",
        "log in to the network"
    )]
    #[case(
        "invalid peer certificate: NotValidForName",
        "another host",
        "SAKI_BASE_URL"
    )]
    #[case("received fatal alert: HandshakeFailure", "failed", "--ca-cert")]
    fn an_error_of_tls_is_named_with_what_to_do(
        #[case] reason: &str,
        #[case] finding: &str,
        #[case] fix: &str,
    ) {
        let (found, to_do) = tls_problem(reason);
        assert!(found.contains(finding), "{found}");
        assert!(to_do.contains(fix), "{to_do}");
    }
}
