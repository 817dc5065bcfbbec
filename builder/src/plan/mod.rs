//! Description and options become a typed graph of steps. Pure: no I/O beyond what it is given.
