"""The RSE gateway: a signed, validated and logged exchange of social reports between Belgian CPAS."""
