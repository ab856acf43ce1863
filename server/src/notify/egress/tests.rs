//! Connections go to checked addresses only, and no reply holds a sender up.

use std::sync::Mutex;

use ureq::unversioned::transport::ConnectionDetails;

use super::*;
use crate::notify::{
    stub::{Answer, Stub},
    target::Policy,
};

/// Gives the next of these answers each time it is asked.
struct Rebinding(Mutex<Vec<Vec<IpAddr>>>);

impl Lookup for Rebinding {
    fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.lock().unwrap().remove(0))
    }
}

fn rebinding(answers: &[&[&str]]) -> Arc<dyn Lookup> {
    let answers = answers.iter().map(|one| one.iter().map(|ip| ip.parse().unwrap()).collect());
    Arc::new(Rebinding(Mutex::new(answers.collect())))
}

/// Writes down where it was to connect to, and does not.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<SocketAddr>>>);

impl Connector for Recorder {
    type Out = ();

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<()>, ureq::Error> {
        self.0.lock().unwrap().extend(&details.addrs[..]);
        Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())
    }
}

const URL: &str = "https://hooks.example/path/SECRET";

fn target(url: &str, allow: &str, private: bool) -> Target {
    Policy::new(&[String::from(allow)], private).unwrap().target("WEBHOOK_URL", url).unwrap()
}

fn to(stub: &Stub, deadline: Duration) -> Egress {
    let url = format!("http://{}/path/SECRET?also=SECRET", stub.address);
    let target = target(&url, &stub.address.to_string(), false);
    Egress::new(target, deadline, Arc::new(SystemLookup))
}

#[test]
fn a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked() {
    let recorder = Recorder::default();
    let lookup = rebinding(&[&["162.159.128.233", "2606:4700::1"], &["127.0.0.1"], &["162.159.128.234"]]);
    let egress = Egress::over(recorder.clone(), target(URL, "hooks.example", false), DEADLINE, lookup);
    let wanted: [SocketAddr; 2] =
        ["162.159.128.233:443".parse().unwrap(), "[2606:4700::1]:443".parse().unwrap()];

    assert!(egress.post(b"{}", &[]).is_err());
    assert_eq!(*recorder.0.lock().unwrap(), wanted);

    let error = egress.post(b"{}", &[]).err().unwrap();
    assert_eq!(error, "https://hooks.example/…: the host has an address that messages must not go to");
    assert_eq!(*recorder.0.lock().unwrap(), wanted, "the second answer was 127.0.0.1");

    assert!(egress.post(b"{}", &[]).is_err());
    assert_eq!(recorder.0.lock().unwrap().len(), 3);
}

#[test]
fn one_bad_address_spoils_a_name() {
    for bad in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"] {
        let recorder = Recorder::default();
        let lookup = rebinding(&[&["162.159.128.233", bad]]);
        let egress = Egress::over(recorder.clone(), target(URL, "hooks.example", false), DEADLINE, lookup);
        assert!(egress.post(b"{}", &[]).is_err());
        assert!(recorder.0.lock().unwrap().is_empty(), "{bad}");
    }
}

#[test]
fn a_private_network_is_reached_on_the_operators_word_and_metadata_never() {
    for (address, reached) in
        [("10.1.2.3", true), ("fd00::1", true), ("169.254.169.254", false), ("0.0.0.0", false)]
    {
        let recorder = Recorder::default();
        let target = target(URL, "hooks.example", true);
        let egress = Egress::over(recorder.clone(), target, DEADLINE, rebinding(&[&[address]]));
        assert!(egress.post(b"{}", &[]).is_err());
        assert_eq!(!recorder.0.lock().unwrap().is_empty(), reached, "{address}");
    }
}

#[test]
fn a_redirect_is_an_answer_and_not_followed() {
    let canary = Stub::saying(vec![]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: http://{}/stolen\r\n", canary.address);
        let stub = Stub::saying(vec![Answer::with(status, &location, "over there")]);
        let reply = to(&stub, DEADLINE).post(b"{\"secret\": 1}", &[]).unwrap();
        assert_eq!(reply.status, status);
        assert_eq!(stub.requests().len(), 1);
    }
    assert_eq!(canary.requests().len(), 0);
}

#[test]
fn no_reply_takes_longer_than_the_deadline() {
    let head = "HTTP/1.1 429 Wait\r\nRetry-After: 9\r\n";
    let deadline = Duration::from_secs(1);
    for (name, answer, status) in [
        ("silence", Answer::Hold, None),
        ("half a header", Answer::Drip("HTTP/1.1 200 OK\r\nX-Slow: ".into()), None),
        ("a header without end", Answer::Flood("HTTP/1.1 200 OK\r\nX-Long: ".into()), None),
        ("no HTTP", Answer::Say("SSH-2.0-OpenSSH\r\n".into()), None),
        ("nothing", Answer::Say(String::new()), None),
        ("a slow body", Answer::Drip(format!("{head}Content-Length: 1000000\r\n\r\n{{")), Some(429)),
        ("a body of 10 GB", Answer::Flood(format!("{head}Content-Length: 10000000000\r\n\r\n")), Some(429)),
        ("a body that is too long", Answer::with(429, "", &" ".repeat(100_000)), Some(429)),
        ("an endless body", Answer::Flood(format!("{head}\r\n")), Some(429)),
        (
            "an unread body",
            Answer::Flood("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n".into()),
            Some(200),
        ),
    ] {
        let stub = Stub::saying(vec![answer]);
        let egress = to(&stub, deadline);
        let start = std::time::Instant::now();
        let result = egress.post(b"{}", &[]);
        // Generous, as the machine may be busy; without a deadline most of these never end.
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
        match (result, status) {
            (Ok(reply), Some(status)) => {
                assert_eq!(reply.status, status, "{name}");
                assert!(reply.body.len() <= 64 * 1024, "{name}");
            }
            (Err(error), None) => {
                let place = format!("http://{}/…: ", stub.address.ip());
                assert!(error.starts_with(&place) && !error.contains("SECRET"), "{name}: {error}");
            }
            (Ok(reply), None) => panic!("{name}: {}", reply.status),
            (Err(error), Some(_)) => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn a_look_up_that_hangs_is_waited_for_once() {
    struct Hanging(Mutex<mpsc::Receiver<()>>);
    impl Lookup for Hanging {
        fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            let _ = self.0.lock().unwrap().recv();
            Err(io::ErrorKind::NotFound.into())
        }
    }
    let (end, hangs) = mpsc::channel();
    let lookup = Arc::new(Hanging(Mutex::new(hangs)));
    let egress = Egress::new(target(URL, "hooks.example", false), Duration::from_millis(500), lookup);
    let errors: Vec<_> = (0..3).map(|_| egress.post(b"{}", &[]).err().unwrap()).collect();
    assert_eq!(errors[0], "https://hooks.example/…: no reply within 500ms");
    assert!(
        errors[1..].iter().all(|error| error.ends_with("an earlier look-up of the host still hangs")),
        "{errors:?}"
    );
    drop(end);
}
