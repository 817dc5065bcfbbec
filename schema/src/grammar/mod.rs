//! RELAX NG: any grammar in the XML syntax, loaded, checked, simplified and hash-consed; and KIWI's own grammar with
//! its documentation (`schema/grammar/*.rng`). Matching is in `validate`. Nothing here reads a description.
