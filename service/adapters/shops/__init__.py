"""Web shops and site builders."""
