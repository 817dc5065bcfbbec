//! What is kept between builds: packages by checksum, later trees and parts by step key; with locks and a size limit.
