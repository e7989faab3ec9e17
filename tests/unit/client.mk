# tests/unit/client.mk: client/ and proto/
