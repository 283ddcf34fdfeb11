//! Memory release: after large replies and after a rush of clients, the allocator gives its free pages back to the operating system.
//!
//! glibc keeps what lies below the last live allocation: 140 MB after a list of 9 MB, for as long as the process lives.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Bytes of replies after which there is something to release.
const THRESHOLD: usize = 1 << 20;

/// By then, the call that read the reply has usually been answered.
const DELAY: Duration = Duration::from_millis(500);

/// How often a server looks whether it has worked.
const INTERVAL: Duration = Duration::from_secs(10);

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

/// Releases free pages again and again while the process lives, unless it has been idle.
///
/// For a server of many clients: what a rush of connections took, no reply tells of.
pub async fn release_after_work() {
    let mut last = None;
    loop {
        tokio::time::sleep(INTERVAL).await;
        // Where the system does not tell, there is no such allocator either.
        let Some(time) = processor_time() else {
            return;
        };
        if last.is_none_or(|last| time > last) {
            let _ = tokio::task::spawn_blocking(release_free_pages).await;
            // The release itself is no work.
            last = processor_time();
        }
    }
}

/// How long the process has computed, in the unit in which Linux tells it, which is 10 ms.
fn processor_time() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program is in brackets, and may have spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system) = (fields.next()?, fields.next()?);
    Some(user.parse::<u64>().ok()? + system.parse::<u64>().ok()?)
}

/// Gives each large block pages of its own, which the operating system has back when the block is freed.
///
/// By default, glibc raises the size that counts as large when such a block is freed, up to 32 MiB. Blocks below it then
/// leave their pages at the end of a heap, which no release reaches: 100 MB after twelve bodies of 15 MB.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt has no safe wrapper")]
pub fn give_large_blocks_own_pages() {
    const LARGE: libc::c_int = 128 * 1024;
    // SAFETY: it takes no pointer, and sets a number that the next allocation reads.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) };
}

/// Other allocators do so by themselves, or offer no way to ask for it.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_large_blocks_own_pages() {}

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
