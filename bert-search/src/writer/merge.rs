//! Merging segments: few large ones are searched faster than many small ones, and deleted documents go.

use super::IndexWriter;
use crate::IndexError;
use crate::files::MAX_SEGMENT;
use crate::segment::Segment;

impl IndexWriter {
    /// Merges the smallest segments, so that at most `segments` are left, and rewrites those with deleted documents. With 1, the
    /// index then is one segment without deleted documents. Results of searches stay the same. It is seen by readers after
    /// [`commit`](Self::commit), as all changes are.
    ///
    /// A merge copies its segments, so that it needs as much free disk space until the commit. A segment holds at most 2^30
    /// passages; a larger index keeps more segments.
    ///
    /// # Errors
    /// If a file is damaged, or the system fails.
    pub fn merge(&mut self, segments: usize) -> Result<(), IndexError> {
        self.check()?;
        self.attempt(|writer| writer.merge_to(segments.max(1)))
    }

    fn merge_to(&mut self, most: usize) -> Result<(), IndexError> {
        self.complete_pending()?;
        let empty = self.segments.iter().any(|segment| segment.live_documents() == 0);
        self.changed |= empty;
        self.segments.retain(|segment| segment.live_documents() > 0);
        let merged = smallest(&self.segments, most);
        let with_deletions = |segment: &Segment| segment.live_documents() < segment.documents() as usize;
        let mut kept = Vec::with_capacity(most);
        let mut together = Vec::new();
        for (segment, merged) in std::mem::take(&mut self.segments).into_iter().zip(merged) {
            match merged {
                true => together.push(segment),
                false if with_deletions(&segment) => kept.push(self.rewritten(&[segment])?),
                false => kept.push(segment),
            }
        }
        match &together[..] {
            [] => {}
            [alone] if !with_deletions(alone) => kept.append(&mut together),
            several => kept.push(self.rewritten(several)?),
        }
        self.segments = kept;
        Ok(())
    }

    fn rewritten(&mut self, segments: &[Segment]) -> Result<Segment, IndexError> {
        self.changed = true;
        self.new_segment()?.finish_merged(segments)
    }
}

/// Which segments to merge, so that about `most` are left.
fn smallest(segments: &[Segment], most: usize) -> Vec<bool> {
    let mut merged = vec![false; segments.len()];
    let Some(count) = (segments.len() + 1).checked_sub(most).filter(|&count| count > 1) else {
        return merged;
    };
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|&number| segments[number].rows());
    let (mut rows, mut documents) = (0, 0);
    for &number in &order[..count] {
        rows += segments[number].rows() as u64;
        documents += u64::from(segments[number].documents());
        if rows > MAX_SEGMENT || documents > MAX_SEGMENT {
            break;
        }
        merged[number] = true;
    }
    merged
}
