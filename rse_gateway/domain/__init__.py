"""The core: identifiers, consultations, legs, rights. Decides; touches nothing."""
