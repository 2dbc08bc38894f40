//! What all files of a model folder can have in common.

/// The start of the small text file that stands for a large one in a clone made without Git LFS
/// (git-lfs/docs/spec.md, "The Pointer").
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Why `bytes` cannot be a file of a model, if they are a Git LFS pointer.
pub(crate) fn lfs_pointer(bytes: &[u8]) -> Option<&'static str> {
    bytes.starts_with(LFS_POINTER).then_some(
        "this is a Git LFS pointer and not the file itself: run `git lfs pull` in the folder, or download the file again",
    )
}

/// The bytes after the byte-order mark that some editors write before UTF-8.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
