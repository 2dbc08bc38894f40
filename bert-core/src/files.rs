//! What all files of a model folder can have in common.

/// The start of the small text file that stands for a large one in a clone made without Git LFS
/// (git-lfs/docs/spec.md, "The Pointer").
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Why `bytes` cannot be the start of a model's file, if they are a Git LFS pointer, or a web page that was saved in its place.
pub(crate) fn not_the_file(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(LFS_POINTER) {
        return Some(
            "this is a Git LFS pointer and not the file itself: run `git lfs pull` in the folder, or download the file again",
        );
    }
    let text = without_mark(bytes).trim_ascii_start();
    let begins = |tag: &[u8]| {
        text.get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag))
    };
    (begins(b"<!doctype html") || begins(b"<html"))
        .then_some("this is a web page and not the file itself: download the file again")
}

/// The bytes after the byte-order mark that some editors write before UTF-8.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}
