//! A certificate authority of a test's own, and a certificate of `localhost` by it.

#![expect(clippy::expect_used, reason = "a test without its certificates has nothing left to prove")]

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a server on loopback needs for TLS, and what its clients need to trust it.
#[derive(Clone)]
pub struct Authority {
    pem: String,
    server: Arc<ServerConfig>,
}

impl Authority {
    /// A new one, which nobody trusts yet.
    ///
    /// # Panics
    /// When the keys cannot be made.
    pub fn new() -> Self {
        let mut root = CertificateParams::new(Vec::new()).expect("no name is a bad one");
        // A name of its own: an issuer is found by its name, and a namesake's signature would be called a broken one.
        root.distinguished_name.push(DnType::CommonName, uuid::Uuid::new_v4().to_string());
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().expect("a key can be made");
        let pem = root.self_signed(&root_key).expect("the authority signs itself").pem();

        let key = KeyPair::generate().expect("a key can be made");
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .expect("localhost is a name")
            .signed_by(&key, &Issuer::new(root, root_key))
            .expect("the authority signs");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key of ours can be read");
        // The provider is named: which one a process has is for its host to say, and not for a test's helper.
        let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider speaks them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("key and certificate belong together");
        Self { pem, server: Arc::new(server) }
    }

    /// The authority's own certificate, to be trusted.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
