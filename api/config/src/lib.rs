//! app-config.yaml and the environment, read once, with the place of each key.
