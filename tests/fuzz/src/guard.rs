//! What the guard's scan lets pass never overflows the parser, even on a stack much smaller than the server's.
#![no_main]

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use libfuzzer_sys::fuzz_target;

/// A thirty-second part of the stack that the server's workers have.
const STACK: usize = 256 << 10;

thread_local! {
    /// One thread for all texts: it is the fuzzer's process that an overflow ends.
    static PARSER: (SyncSender<String>, Receiver<()>) = parser();
}

fn parser() -> (SyncSender<String>, Receiver<()>) {
    let (texts, given) = sync_channel::<String>(0);
    let (done, ended) = sync_channel(0);
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        for text in given {
            // Whether it is GraphQL is the parser's to say.
            let _ = async_graphql_parser::parse_query(text);
            if done.send(()).is_err() {
                return;
            }
        }
    });
    thread.expect("a thread can be started");
    (texts, ended)
}

fuzz_target!(|text: &str| {
    if plinth_graphql::guard::scan(text).is_ok() {
        PARSER.with(|(texts, ended)| {
            texts.send(text.to_owned()).expect("the parser lives");
            ended.recv().expect("the parser answers");
        });
    }
});
