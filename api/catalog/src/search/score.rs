//! How much it says that a word stands where it stands.

/// How a word stands in an entity: a bit for each way.
pub(super) type Marks = u16;

pub(super) const NAME: Marks = 1;
pub(super) const NAME_PREFIX: Marks = 1 << 1;
pub(super) const NAME_TYPO: Marks = 1 << 2;
pub(super) const JOINED: Marks = 1 << 3;
pub(super) const JOINED_TYPO: Marks = 1 << 4;
pub(super) const LABEL: Marks = 1 << 5;
pub(super) const LABEL_PREFIX: Marks = 1 << 6;
pub(super) const LABEL_TYPO: Marks = 1 << 7;
pub(super) const DESCRIPTION: Marks = 1 << 8;
pub(super) const DESCRIPTION_PREFIX: Marks = 1 << 9;
pub(super) const DESCRIPTION_TYPO: Marks = 1 << 10;
pub(super) const DEFINITION: Marks = 1 << 11;
pub(super) const DEFINITION_PREFIX: Marks = 1 << 12;

/// It stands in the definition, perhaps there only.
pub(super) const IN_DEFINITION: Marks = DEFINITION | DEFINITION_PREFIX;

/// It stands in a name or a label, or is like what does.
pub(super) const IN_NAME_OR_LABEL: Marks =
    NAME | NAME_PREFIX | NAME_TYPO | JOINED | JOINED_TYPO | LABEL | LABEL_PREFIX | LABEL_TYPO;

/// A whole word is like it, not the beginning of one.
pub(super) const WHOLE_TYPO: Marks = 1 << 13;
/// The first word that is searched for begins the name or the title.
pub(super) const FIRST: Marks = 1 << 14;
/// The name or title is the text that is searched for.
pub(super) const SAME: Marks = 1 << 15;

/// Of each bit; who is found in several ways has the sum.
const WEIGHTS: [u32; 16] = [64, 32, 8, 20, 6, 24, 12, 4, 12, 6, 1, 8, 2, 4, 300, 5000];
/// The sums of all marks of words: a search adds up many.
static SUMS: [u32; FIRST as usize] = {
    let mut sums = [0; FIRST as usize];
    let mut marks = 0;
    while marks < FIRST {
        sums[marks as usize] = added(marks);
        marks += 1;
    }
    sums
};

/// The sum over all ways.
pub(super) fn sum(marks: Marks) -> u32 {
    SUMS.get(usize::from(marks)).copied().unwrap_or_else(|| added(marks))
}

const fn added(marks: Marks) -> u32 {
    let (mut sum, mut bit) = (0, 0);
    while bit < WEIGHTS.len() {
        if marks & (1 << bit) != 0 {
            sum += WEIGHTS[bit];
        }
        bit += 1;
    }
    sum
}

/// Where two pairs of one text both stand; where they share no place, the place that says least.
pub(super) fn together(one: Marks, other: Marks) -> Marks {
    match (one & other, one.max(other).checked_ilog2()) {
        _ if one == 0 => other,
        (0, Some(highest)) => 1 << highest,
        (shared, _) => shared,
    }
}
