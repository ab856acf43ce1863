//! What a module without std brings along: its memory, and the end of what cannot go on.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The core does not panic; what comes here is memory that ran out. It becomes an error that can be caught; a build that
/// ends at once instead traps, which `js/error.ts` takes for the same.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    wasm_bindgen::throw_str("out_of_memory there must be memory for this, got none")
}
