//! Memory release: after large replies, the allocator gives its free pages back to the operating system.
//!
//! glibc keeps what lies below the last live allocation: 140 MB after a list of 9 MB, for as long as the process lives.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Bytes of replies after which there is something to release.
const THRESHOLD: usize = 1 << 20;

/// By then, the call that read the reply has usually been answered.
const DELAY: Duration = Duration::from_millis(500);

static BYTES_SINCE_RELEASE: AtomicUsize = AtomicUsize::new(0);
static IS_SCHEDULED: AtomicBool = AtomicBool::new(false);

/// Counts the bytes of a body, and schedules a release when it is worth it.
pub fn release_after(bytes: usize) {
    let total = BYTES_SINCE_RELEASE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    if total < THRESHOLD || IS_SCHEDULED.swap(true, Ordering::Relaxed) {
        return;
    }
    tokio::spawn(async {
        tokio::time::sleep(DELAY).await;
        BYTES_SINCE_RELEASE.store(0, Ordering::Relaxed);
        IS_SCHEDULED.store(false, Ordering::Relaxed);
        // A large heap takes milliseconds, which calls would wait for.
        tokio::task::spawn_blocking(release_free_pages);
    });
}

/// Gives the free pages of the heap back to the operating system now.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "malloc_trim has no safe wrapper")]
pub fn release_free_pages() {
    // SAFETY: it takes no pointer, touches no live allocation, and locks the heap itself.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators release memory by themselves, or offer no way to ask for it.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn release_free_pages() {}
