//! A client that costs little: requests made in advance, connections kept open, answers only measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends `requests` in turn on each connection for as long as told; every answer must be 200.
pub async fn requests_per_second(
    server: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    time: Duration,
) -> f64 {
    let answered = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + time;
    let started = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|at| {
            let (requests, answered) = (Arc::clone(requests), Arc::clone(&answered));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(server).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = vec![0; 64 * 1024];
                for request in requests.iter().cycle().skip(at * 7) {
                    if Instant::now() >= end {
                        return;
                    }
                    stream.write_all(request).await.unwrap();
                    read_answer(&mut stream, &mut buffer).await;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    answered.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = &buffer[..filled];
        if let Some(head) = text.windows(4).position(|it| it == b"\r\n\r\n") {
            let headers = std::str::from_utf8(&text[..head]).unwrap().to_ascii_lowercase();
            let length: usize = headers
                .lines()
                .find_map(|it| it.strip_prefix("content-length: "))
                .and_then(|it| it.parse().ok())
                .expect("an answer says its length");
            if filled >= head + 4 + length {
                let answer = String::from_utf8_lossy(text);
                assert!(headers.starts_with("http/1.1 200"), "{answer}");
                return;
            }
        }
    }
}
