//! The server from its parts, in the order in which they start and stop.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, runtime, sync::broadcast};

use crate::{
    config::{Config, Storage},
    engine::{Announcer, Engine},
    http::{App, listen, prometheus, router},
    notify::{Destinations, Notifier, Outbox},
    registry::Registry,
    status::Status,
    store::{Reader, Store, memory::Memory, sqlite::Sqlite},
};

/// Changes that a listener may lag behind before it misses some.
const LAG: usize = 256;

/// A server that is ready to be called.
pub struct Server {
    app: Arc<App>,
    engine: Engine,
    runtime: runtime::Runtime,
    listener: TcpListener,
}

impl Server {
    /// Brings back what was stored and takes the address; calls are answered from [`Server::run`] on.
    ///
    /// # Errors
    /// Says what is wrong with the store, the destinations or the address.
    pub fn start(config: Config, destinations: Destinations) -> Result<Self> {
        let store: Box<dyn Store> = match &config.storage {
            Storage::Memory => Box::new(Memory::default()),
            Storage::Sqlite { path, durable } => Box::new(Sqlite::open(path.clone(), *durable)?),
        };
        let reader: Arc<dyn Reader> = store.reader();
        let outbox: Arc<dyn Outbox> = Arc::clone(&reader) as _;
        let notifier =
            Arc::new(Notifier::start(destinations, &outbox).context("could not start the notifier")?);
        let (registry, status) = (Arc::new(Registry::default()), Arc::new(Status::default()));
        let (live, _) = broadcast::channel(LAG);
        let announcer =
            Announcer { notifier: Arc::clone(&notifier), cool_down: config.cool_down, live: live.clone() };
        let engine = Engine::start(&config, store, Arc::clone(&registry), Arc::clone(&status), announcer)?;
        notifier.wake();
        let runtime = runtime::Builder::new_multi_thread().enable_all().build().context("could not start")?;
        let address = config.address;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .with_context(|| format!("could not listen on {address}"))?;
        let app = App {
            config,
            intake: engine.intake().clone(),
            registry,
            reader,
            status,
            notifier,
            live,
            listeners: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        };
        Ok(Self { app: Arc::new(app), engine, runtime, listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not know, which it does.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// All that answering takes: for whoever feeds the engine from within.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Answers until `stop` is done, then ends what is under way and puts everything on disk.
    pub fn run(self, stop: impl Future<Output = ()>) {
        let Self { app, engine, runtime, listener } = self;
        let router = router::router(Arc::clone(&app));
        let limits = app.config.limits;
        let told = Arc::clone(&app);
        let stop = async move {
            stop.await;
            told.stopping.store(true, Ordering::Relaxed);
        };
        runtime.spawn(prometheus::upkeep());
        runtime.block_on(listen::serve(listener, router, limits, stop));
        engine.stop();
        app.notifier.stop();
        runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    }
}
