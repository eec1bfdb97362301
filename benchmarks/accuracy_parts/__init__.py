"""Parts of the accuracy benchmark: ledgers, scores, causes of errors, and the peer."""
