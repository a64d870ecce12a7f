//! bumpalo behind a C interface, for arena_bench.cc.  The loop over the nodes is on this side, so that its bump is
//! inlined as ours is.
use bumpalo::Bump;
use std::alloc::Layout;

#[no_mangle]
pub extern "C" fn bumpalo_open() -> *mut Bump {
    Box::into_raw(Box::new(Bump::new()))
}

/// # Safety
/// `bump` comes from `bumpalo_open`; `sizes` points to `n` sizes of at least 8.
#[no_mangle]
pub unsafe extern "C" fn bumpalo_fill(bump: *const Bump, sizes: *const u32, n: usize) {
    let bump = &*bump;
    for (i, size) in std::slice::from_raw_parts(sizes, n).iter().enumerate() {
        let layout = Layout::from_size_align_unchecked(*size as usize, 8);
        bump.alloc_layout(layout).cast::<usize>().as_ptr().write(i);
    }
}

/// # Safety
/// `bump` comes from `bumpalo_open`.
#[no_mangle]
pub unsafe extern "C" fn bumpalo_reset(bump: *mut Bump) {
    (*bump).reset();
}

/// # Safety
/// `bump` comes from `bumpalo_open` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn bumpalo_free(bump: *mut Bump) {
    drop(Box::from_raw(bump));
}
