"""Makes the reference pages in French and Dutch from XSD, WSDL, the catalogue of codes and `words.json`."""
