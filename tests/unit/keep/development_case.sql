-- The tables of a case made before the first release, by four migrations.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE import (
	id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	file TEXT NOT NULL, 
	format TEXT NOT NULL, 
	recorded TEXT NOT NULL, 
	observations INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	refusals TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX import_sha256 ON import (sha256);
CREATE TABLE observation (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	import_id INTEGER NOT NULL, 
	recorded TEXT NOT NULL, 
	published TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	printed BOOLEAN NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	FOREIGN KEY(import_id) REFERENCES import (id)
);
CREATE INDEX observation_import ON observation (import_id);
CREATE INDEX observation_subject ON observation (subject);
CREATE INDEX observation_trait ON observation (kind, value);
CREATE TABLE judgement (
	id TEXT NOT NULL, 
	a TEXT NOT NULL, 
	b TEXT NOT NULL, 
	recorded TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX judgement_a ON judgement (a);
CREATE INDEX judgement_b ON judgement (b);
CREATE TABLE result (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
);
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	act TEXT NOT NULL, 
	"of" TEXT NOT NULL, 
	content TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE TABLE raw (
	sha256 TEXT NOT NULL, 
	bytes BLOB NOT NULL, 
	PRIMARY KEY (sha256)
);
CREATE TRIGGER import_refuses_update BEFORE UPDATE ON "import" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER import_refuses_delete BEFORE DELETE ON "import" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER observation_refuses_update BEFORE UPDATE ON "observation" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER observation_refuses_delete BEFORE DELETE ON "observation" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER judgement_refuses_update BEFORE UPDATE ON "judgement" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER judgement_refuses_delete BEFORE DELETE ON "judgement" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER result_refuses_update BEFORE UPDATE ON "result" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER result_refuses_delete BEFORE DELETE ON "result" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON "audit" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON "audit" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER raw_refuses_update BEFORE UPDATE ON "raw" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER raw_refuses_delete BEFORE DELETE ON "raw" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TABLE ruling (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	about TEXT NOT NULL, 
	recorded TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
);
CREATE TABLE disclosure (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	partner TEXT NOT NULL, 
	assessment TEXT NOT NULL, 
	recorded TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
);
CREATE INDEX disclosure_partner ON disclosure (partner);
CREATE TABLE secret (
	id TEXT NOT NULL, 
	bytes BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TRIGGER ruling_refuses_update BEFORE UPDATE ON "ruling" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER ruling_refuses_delete BEFORE DELETE ON "ruling" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER disclosure_refuses_update BEFORE UPDATE ON "disclosure" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER disclosure_refuses_delete BEFORE DELETE ON "disclosure" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER secret_refuses_update BEFORE UPDATE ON "secret" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER secret_refuses_delete BEFORE DELETE ON "secret" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TABLE release (
	partner TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	object TEXT NOT NULL, 
	version TEXT NOT NULL, 
	added TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	text TEXT NOT NULL, 
	gone BOOLEAN NOT NULL, 
	PRIMARY KEY (partner, seq)
);
CREATE INDEX release_id ON release (id);
CREATE INDEX release_object ON release (partner, object);
CREATE TABLE api_key (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id)
);
CREATE TRIGGER release_refuses_update BEFORE UPDATE ON "release" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER release_refuses_delete BEFORE DELETE ON "release" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER api_key_refuses_update BEFORE UPDATE ON "api_key" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER api_key_refuses_delete BEFORE DELETE ON "api_key" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TABLE code (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	import_id INTEGER NOT NULL, 
	recorded TEXT NOT NULL, 
	publisher TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	subject_type TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	bytes BLOB NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	FOREIGN KEY(import_id) REFERENCES import (id)
);
CREATE INDEX code_import ON code (import_id);
CREATE TRIGGER code_refuses_update BEFORE UPDATE ON "code" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
CREATE TRIGGER code_refuses_delete BEFORE DELETE ON "code" BEGIN SELECT RAISE(ABORT, 'a case is append-only'); END;
INSERT INTO alembic_version VALUES ('0004');
