//! The scripts of a description: which program would run them, and whether that can. Reads them through the folder it is
//! given; runs none.

use super::files::{Fault, Here};
use super::found::Found;
use crate::description::model::File;

/// Judges the scripts in the folder. Those with findings are added to `files`.
pub(super) fn check(
    _here: &Here<'_>,
    _syntax: Option<&dyn Fn(&[u8]) -> Vec<Fault>>,
    _found: &mut Found<'_>,
    _files: &mut Vec<File>,
) {
}
