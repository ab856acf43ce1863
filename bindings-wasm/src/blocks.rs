//! Memory in a few hundred bytes of code: free blocks are kept by their size, and never joined.
//!
//! A block has one of four sizes to each power of two, so that at most a fifth of it is unused. What is given back is taken
//! again by the next of its size: no more is ever held than was once in use of each size.

use core::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::memory_grow,
    cell::Cell,
    ptr::null_mut,
};

/// Sizes are multiples of this, and what lies in a block is aligned to it.
const UNIT: usize = 16;
const PAGE: usize = 65_536;
/// Enough for blocks of four gigabytes.
const SIZES: usize = 112;

/// The allocator.
#[derive(Debug)]
pub(crate) struct Blocks {
    /// A free block of each size, which holds the address of the next one.
    free: [Cell<*mut u8>; SIZES],
    /// Memory that no block was made of yet.
    begin: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: a module without shared memory has one thread.
unsafe impl Sync for Blocks {}

impl Blocks {
    pub(crate) const fn new() -> Self {
        Self { free: [const { Cell::new(null_mut()) }; SIZES], begin: Cell::new(0), end: Cell::new(0) }
    }

    /// A block of memory that is new; null if there is none.
    fn fresh(&self, size: usize) -> *mut u8 {
        let missing = size.saturating_sub(self.end.get() - self.begin.get());
        if missing > 0 {
            let pages = missing.div_ceil(PAGE);
            let at = memory_grow::<0>(pages);
            if at == usize::MAX {
                return null_mut();
            }
            if self.end.get() != at * PAGE {
                self.begin.set(at * PAGE);
            }
            self.end.set((at + pages) * PAGE);
        }
        let block = self.begin.get();
        self.begin.set(block + size);
        block as *mut u8
    }
}

/// The place of a size among all, and the size that it is rounded up to.
fn rounded(size: usize) -> (usize, usize) {
    // One less, so that a power of two is the last of its four sizes.
    let units = size.max(1).div_ceil(UNIT) - 1;
    let doublings = (usize::BITS - units.leading_zeros()).saturating_sub(3) as usize;
    let quarters = (units >> doublings) + 1;
    (4 * doublings + quarters, (quarters << doublings) * UNIT)
}

// SAFETY: a block is free or in use, never both: it leaves its list when it is handed out, and comes back by `dealloc`
// alone. Blocks do not overlap, since `begin` passes over each of them once, and are as long and aligned as asked for.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (place, size) = rounded(layout.size());
        let block = self.free[place].get();
        if block.is_null() {
            return self.fresh(size);
        }
        // SAFETY: a free block begins with the address of the next.
        self.free[place].set(unsafe { block.cast::<*mut u8>().read() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (place, _) = rounded(layout.size());
        // SAFETY: it is no longer in use, and has room for an address.
        unsafe { block.cast::<*mut u8>().write(self.free[place].get()) };
        self.free[place].set(block);
    }
}
