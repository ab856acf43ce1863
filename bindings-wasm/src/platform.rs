//! What a module without std brings along: its memory, and the end of what cannot go on.

use core::alloc::{GlobalAlloc, Layout};

use crate::wire::out_of_memory;

/// What holds much or many sorts of things has an allocator that joins what is free.
#[cfg(any(feature = "fleet", feature = "records"))]
const BLOCKS: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
#[cfg(not(any(feature = "fleet", feature = "records")))]
static BLOCKS: crate::blocks::Blocks = crate::blocks::Blocks::new();

/// An allocator that tells JavaScript before memory that ran out ends the module.
struct Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

// SAFETY: all is left to the allocator behind it.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let block = unsafe { BLOCKS.alloc(layout) };
        if block.is_null() {
            out_of_memory();
        }
        block
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let block = unsafe { BLOCKS.realloc(block, layout, size) };
        if block.is_null() {
            out_of_memory();
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { BLOCKS.dealloc(block, layout) }
    }
}

/// The core does not panic; what comes here is memory that ran out, which was told. A build that ends at once traps by itself.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
