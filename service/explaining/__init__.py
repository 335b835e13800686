"""Why a lead stands where it stands, in sentences of two languages. Pure."""
