//! Prints `.env.example`.
#![allow(clippy::print_stdout)] // printing is what it is for

fn main() {
    print!("{}", sluice_config::variables::example());
}
