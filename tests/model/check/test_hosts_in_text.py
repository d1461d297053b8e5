"""What in a text is a host name, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.check.hosts_in_text import (
    Exists,
    Says,
    hosts_in_script,
    hosts_of_programs,
    hosts_of_value,
    says_of_value,
)

SERVICES = {"redis", "db", "web", "mysql", "kafka-0.kafka", "redis.bank", "orders", "mq-0"}
EXISTS = Exists(lambda name: name in SERVICES, own="web")


def names(found):
    return [each.name for each in found]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        pytest.param("X", "http://api.shop:8080/v1", ["api.shop"], id="a URL under any key"),
        pytest.param("X", "https://user:p@db.example:1/", ["db.example"], id="a URL's user"),
        pytest.param(
            "X", "mongodb://u:p@a:1,b:2,c.x/db?w=1", ["a", "b", "c.x"], id="a URL of several hosts"
        ),
        pytest.param("X", "http://a:1,http://b:2", ["a", "b"], id="a list of URLs"),
        pytest.param("X", "jdbc:postgresql://pg:5432/app", ["pg"], id="JDBC"),
        pytest.param("X", "jdbc:mysql:loadbalance://m1:1,m2/app", ["m1", "m2"], id="JDBC, two"),
        pytest.param("X", "jdbc:sqlserver://ms:1433;databaseName=a", ["ms"], id="JDBC, settings"),
        pytest.param("X", "jdbc:oracle:thin:@ora:1521:orcl", ["ora"], id="JDBC, Oracle"),
        pytest.param("DSN", "root:pw@tcp(mysql:3306)/app", ["mysql"], id="Go's MySQL driver"),
        pytest.param("X", "dns:///orders:50051", ["orders"], id="gRPC's dns scheme"),
        pytest.param("X", "SASL_SSL://k1:9093,SASL_SSL://k2:9093", ["k1", "k2"], id="listeners"),
        pytest.param("KAFKA", "k1:9092,k2:9092", ["k1", "k2"], id="a bootstrap string"),
        pytest.param("SEEDS", "a-0.a, a-1.a", ["a-0.a", "a-1.a"], id="a list of hosts"),
        pytest.param("CACHE_ADDR", "nowhere:6379", ["nowhere"], id="host:port that dangles"),
        pytest.param("DB_HOST", "nowhere", ["nowhere"], id="a bare host that dangles"),
        pytest.param("dbHost", "nowhere", ["nowhere"], id="camel case"),
        pytest.param("cache", "mq-0", ["mq-0"], id="a Service under a key that says nothing"),
        pytest.param(
            "DISCOVERY_SERVICE", "redis", ["redis"], id="a word that is said to be a Service"
        ),
        pytest.param(
            "X", "redis://u@gone, kafka://gone:1", ["gone", "gone"], id="URLs with more than a word"
        ),
        pytest.param(
            "CACHE_URL", "redis://gone", ["gone"], id="a word in a URL, of a host by its key"
        ),
        pytest.param("X", "redis://redis, http://gone", ["redis", "gone"], id="URLs with a word"),
        pytest.param("X", "a.b.svc", ["a.b.svc"], id="the cluster's form"),
        pytest.param("X", "a.b.svc.cluster.local.", ["a.b.svc.cluster.local."], id="absolute"),
        pytest.param("X", "localhost:80/ping", ["localhost"], id="localhost with a path"),
        pytest.param("API_URL", "api.shop:80/v1", ["api.shop"], id="a URL without its scheme"),
        pytest.param("DB_CONNECTION", "nowhere:5432", ["nowhere"], id="a kind, with a port"),
        pytest.param(
            "VOTERS", "1@k-0.k:9093,2@k-1.k:9093", ["k-0.k", "k-1.k"], id="Kafka's voters"
        ),
        pytest.param("SERVERS", "server.1=z-0.z:2888:3888", ["z-0.z"], id="ZooKeeper's servers"),
        pytest.param("ZK_HOST", "z-0.z:2888:3888:observer", ["z-0.z"], id="ZooKeeper, a role"),
        pytest.param("PEERS", "e-0=e-0.e:2380", ["e-0.e"], id="etcd's peers"),
        pytest.param("DB_URL", "Server=sql;Database=orders", ["sql"], id="ADO.NET"),
        pytest.param("DB_URL", "tcp:sql:1433", ["sql"], id="a protocol before the host"),
        pytest.param("MONGO_HOSTS", "rs0/m-0.m:27017", ["m-0.m"], id="MongoDB's replica set"),
        pytest.param("DB_DSN", "app:pw@pg:5432/app", ["pg"], id="a data source without a scheme"),
        pytest.param("PGHOST", "nowhere", ["nowhere"], id="a word that ends as a host"),
        pytest.param(
            "NODE", "rabbit@mq-0.mq.bank.svc", ["mq-0.mq.bank.svc"], id="a node of Erlang"
        ),
        pytest.param("TARGET", "deploy@redis.bank", ["redis.bank"], id="an account of a host"),
        pytest.param("DB_HOST_NAME", "nowhere", ["nowhere"], id="a host's name"),
        pytest.param("DSN_URI", "localhost?sslmode=off", ["localhost"], id="a query, no scheme"),
        pytest.param(
            "X", "psql://${USER}:$(PASSWORD)@pg.bank:5432/a", ["pg.bank"], id="a URL's variables"
        ),
        pytest.param("X", "http://a:80,b.shop:81", ["a", "b.shop"], id="a list that begins so"),
        pytest.param("QUEUE_CONNECTION", "mq-0", ["mq-0"], id="a kind has no hyphen"),
        pytest.param("HOST_NAME", "web", ["web"], id="its own name, which a Service has"),
        pytest.param(
            "X", "dnssrv+_grpc._tcp.store.bank", ["_grpc._tcp.store.bank"], id="Thanos, by SRV"
        ),
        pytest.param("--stores", "dns+store:10901", ["store"], id="Thanos, by address"),
        pytest.param(
            "X", "dnssrvnoa+_memberlist._tcp.ring", ["_memberlist._tcp.ring"], id="Loki's ring"
        ),
        pytest.param("SERVICES", "redis,db", ["redis", "db"], id="a list of Services alone"),
        pytest.param("X", "/$/inet/namerd.l5d/4100", ["namerd.l5d"], id="Finagle's path"),
        pytest.param("X", "http://redis:1/<id>", ["redis"], id="a path that is to be filled in"),
        pytest.param("DB_HOSTNAME", "web-own", ["web-own"], id="a host, by its name"),
        pytest.param("DB", "db", ["db"], id="a database's server, alone"),
        pytest.param("-h", "db", ["db"], id="a client's host"),
        pytest.param("REDIS", "redis", ["redis"], id="a word that is its own key"),
        pytest.param("X", "gone:80,http://gone,mq-0", ["gone", "gone", "mq-0"], id="all are hosts"),
        pytest.param("SCHEMA_REGISTRY_URL", "gone:8081", ["gone"], id="a registry that is asked"),
    ],
)
def test_a_value_names_hosts(key, value, expected):
    assert names(hosts_of_value(value, key, EXISTS)) == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("IMAGE", "redis:7.2", id="an image"),
        pytest.param("X", "registry.example/team/web:1.2", id="an image with a registry"),
        pytest.param("X", "redis:alpine", id="an image's tag"),
        pytest.param("X", "1.2.3", id="a version"),
        pytest.param("X", "com.example.orders.Main", id="a class"),
        pytest.param("X", "app.kubernetes.io/name", id="a label key"),
        pytest.param("X", "application.properties", id="a file"),
        pytest.param("CONFIG_HOST", "hosts.yaml", id="a file under a host's key"),
        pytest.param("X", "node_memory_MemTotal_bytes", id="a metric"),
        pytest.param("X", "application/json", id="a mime type"),
        pytest.param("SMTP_FROM", "shop@example.com", id="an email"),
        pytest.param("NODE", "rabbit@redis", id="an account called like a Service"),
        pytest.param("X", "github.com/example/module", id="a package path"),
        pytest.param("X", "10.0.0.1:80", id="an address and a port"),
        pytest.param("DB_HOST", "10.0.0.1", id="an address"),
        pytest.param("BIND_ADDR", ":8080", id="a port alone"),
        pytest.param("DB_USER", "mysql", id="a user called like a Service"),
        pytest.param("DB_NAME", "orders", id="a database called like a Service"),
        pytest.param("SERVICE_NAME", "web", id="its own name"),
        pytest.param("HOST_MODE", "dns", id="a mode"),
        pytest.param("DEBUG_HOST", "true", id="a switch"),
        pytest.param("DB_CONNECTION", "mysql", id="a kind of database"),
        pytest.param("CACHE_BACKEND", "redis", id="a kind of cache"),
        pytest.param("backend", "redis", id="a kind of backend"),
        pytest.param("TRACER", "redis", id="a word under a key that says nothing"),
        pytest.param("REDIS_DEFAULT", "redis", id="a word of its key"),
        pytest.param("X", "tcp-listen:9080,fork", id="a kind with a number, in a list of kinds"),
        pytest.param("HOSTNAME", "shop.example.com", id="what a shell calls its machine"),
        pytest.param("OAUTH_REDIRECT_URL", "https://shop.example.com", id="where a client is sent"),
        pytest.param("X", "kafka://gone", id="a word in a URL of any scheme"),
        pytest.param("SPRING_PROFILES_ACTIVE", "prod,mysql", id="a profile called like a Service"),
        pytest.param("DB_VENDOR", "mysql", id="a vendor"),
        pytest.param("PLATFORM", "kubernetes", id="what the cluster is"),
        pytest.param("OTEL_SERVICE_NAME", "orders", id="the name in traces"),
        pytest.param("--character-set-server", "utf8mb4", id="MySQL's character set"),
        pytest.param("address", "HOST_IP:8500", id="a placeholder"),
        pytest.param("DB_HOST", "YOUR_DB_HOST", id="a placeholder alone"),
        pytest.param("uri", "lb://orders", id="the ID of a service"),
        pytest.param("X", "team/redis:6379", id="an image with a number as its tag"),
        pytest.param("ALLOWED_HOSTS", "shop.example,redis", id="what clients may say"),
        pytest.param("NO_PROXY", ".svc,.cluster.local,redis", id="what bypasses a proxy"),
        pytest.param("X", "file:///etc/redis", id="a file's URL"),
        pytest.param("X", "s3://bucket/key", id="a bucket"),
        pytest.param("X", "memfs://state/a.example.com", id="a folder in memory"),
        pytest.param("X", "unix:///run/x.sock", id="a socket"),
        pytest.param("REPO_URL", "github://owner/repository", id="an owner and a repository"),
        pytest.param("MODEL_URL", "hf://owner/model", id="an owner and a model"),
        pytest.param("X", "kernel://orders/nsm-1", id="a network service"),
        pytest.param("--flavour", "redis", id="a flavour called like a Service"),
        pytest.param("HOST_WHITELIST", "shop.example.com", id="what is let in"),
        pytest.param("X", "gcomm://", id="a URL without a host"),
        pytest.param("X", "http://%s:%d/", id="a format"),
        pytest.param("X", "http://${HOST}/", id="a variable"),
        pytest.param("CACHE_BACKEND", "memory", id="the kind of a backend"),
        pytest.param("HOSTNAME", "web-own", id="its own host name"),
        pytest.param("HOST_NAME", "web-own", id="its own host name in two words"),
        pytest.param("NETWORK_HOST", "_local_,_eth0_", id="Elasticsearch's words for addresses"),
        pytest.param("X", "dnssrv+_grpc._tcp.<SERVICE>.bank", id="a name that has to be filled in"),
        pytest.param("X", "dns+", id="no name behind it"),
        pytest.param("ROUTE_REGEX", "redis", id="an expression"),
        pytest.param("X", "", id="nothing"),
        pytest.param("timeout-server", "4s", id="how long HAProxy waits"),
        pytest.param("SERVER", "30d", id="a duration under a host's key"),
        pytest.param("auth-host", "md5", id="initdb's method for hosts"),
        pytest.param("LOG_ADDR", "stdout", id="a stream"),
        pytest.param("server", "pooled", id="Oracle Net's kind of server"),
        pytest.param("INGRESS_HOST", "shop.svc.cluster.local", id="what an Ingress answers to"),
        pytest.param("SCOPE", "orders", id="Patroni's name of the cluster"),
        pytest.param("APPNAME", "orders", id="a name in one word"),
        pytest.param("PGUSER", "mysql", id="a user in one word"),
        pytest.param("PGPASSWORD", "mysql", id="a password called like a Service"),
        pytest.param("image", "hub.ops.svc:5000/app:1", id="an image of a registry in the cluster"),
        pytest.param("PORTALS", "shop.uk;http://%s:1,shop.it", id="a word behind a URL's comma"),
        pytest.param("-target", "web-own", id="its own part, called like its Service"),
        pytest.param("X", "com.example.Svc", id="a class called like the cluster's form"),
        pytest.param("FEATURES", "zpages,redis", id="a list of kinds, one called like a Service"),
        pytest.param("ZBX_HOSTNAME", "web-1", id="what Zabbix calls itself"),
        pytest.param("X", "https://s3.<region>.example.com", id="a URL to be filled in"),
        pytest.param("X", "http://db-{{ n }}.db/", id="a template's URL"),
        pytest.param("X", "https://minio.#namespace:9000", id="a URL with a placeholder of sed"),
        pytest.param("X", "https://YOUR_ACCOUNT.blob.example.com/", id="a placeholder in a name"),
        pytest.param("SLOW", "default:200,mongodb:50", id="words with numbers"),
        pytest.param("X", "/$/inet/127.1/8080", id="Finagle's path to an address"),
        pytest.param("RABBITMQ_DEFAULT_VHOST", "shop", id="a virtual host of AMQP"),
        pytest.param("UPLOAD_BACKEND", "redis", id="a kind of upload"),
        pytest.param("APP_DB", "db", id="a database called like its server"),
        pytest.param("IMAGE_REGISTRY_URL", "gone:5000", id="a registry of images"),
        pytest.param("skip-registries", "localhost:5000,gone:5000", id="registries left alone"),
    ],
)
def test_a_value_that_names_none(key, value):
    is_own = value == "web-own"
    own = (
        Exists(lambda _: True, "web-own", governs="web-own")
        if key == "-target"
        else (Exists(EXISTS.service, own="web-own") if is_own else EXISTS)
    )
    assert names(hosts_of_value(value, key, own)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("curl -s http://api:80/x | jq .", ["api"], id="a URL in a script"),
        pytest.param("until nslookup redis; do sleep 1; done", ["redis"], id="nslookup"),
        pytest.param("until nc -z -w 2 nowhere 5432; do :; done", ["nowhere"], id="nc"),
        pytest.param("getent hosts a.b && run", ["a.b"], id="getent"),
        pytest.param('args+=("--join" "db")', ["db"], id="a Service behind a flag"),
        pytest.param("SOURCE_HOST='m-0.m', \\\n SOURCE_PORT=1", ["m-0.m"], id="a setting"),
        pytest.param("spring:\n  redis:\n    host: cache\n", ["cache"], id="YAML"),
        pytest.param('{"server": "cache:6379"}', ["cache"], id="JSON"),
        pytest.param("bootstrap.servers=k:9092\n", ["k"], id="properties"),
        pytest.param("location / {\n  proxy_pass http://up:80;\n}\n", ["up"], id="nginx"),
        pytest.param("upstream u {\n  server up:80 weight=5;\n}\n", ["up"], id="nginx, upstream"),
        pytest.param("  fastcgi_pass php:9000;\n", ["php"], id="nginx, FastCGI"),
        pytest.param("replicaof m-0.m 6379\n", ["m-0.m"], id="Redis"),
        pytest.param("- kafka-0.kafka:9092\n- x\n", ["kafka-0.kafka"], id="a peer in a list"),
        pytest.param("ask redis.bank for it", ["redis.bank"], id="a Service elsewhere"),
        pytest.param("a b.c.svc.cluster.local d", ["b.c.svc.cluster.local"], id="a full name"),
        pytest.param('s = [ "k-0.b:9092", "k-1.b:9092" ]', [], id="a list under no key of a host"),
        pytest.param(
            'brokers = [ "k-0.b:9092", "k-1.b:9092" ]', ["k-0.b", "k-1.b"], id="a list of TOML"
        ),
        pytest.param("- targets:\n  - app:80\n  - 'b.c:9100'\n", ["app", "b.c"], id="YAML's list"),
        pytest.param("targets: ['app:80', 'b.c:9100']\n", ["app", "b.c"], id="YAML, in brackets"),
        pytest.param('hosts => ["es:9200"]', ["es"], id="Logstash"),
        pytest.param("<match>\n  host es-logging\n  port 9200\n", ["es-logging"], id="Fluentd"),
        pytest.param("[OUTPUT]\n    Host   es\n", ["es"], id="Fluent Bit"),
        pytest.param("example.com {\n  reverse_proxy /x app:80\n}", ["app"], id="Caddy"),
        pytest.param(
            "<name>yarn.hostname</name>\n<value>rm-0.rm</value>", ["rm-0.rm"], id="Hadoop"
        ),
        pytest.param("server.1=z-0.z:2888:3888;2181\n", ["z-0.z"], id="ZooKeeper"),
        pytest.param(
            "until mysql -uroot -h m-0.m -e 'SELECT 1'; do :; done", ["m-0.m"], id="mysql"
        ),
        pytest.param("pg_isready -U x -h pg", ["pg"], id="pg_isready"),
        pytest.param("until (</dev/tcp/pg/5432); do sleep 1; done", ["pg"], id="bash's sockets"),
        pytest.param("curl -s -X POST es:9200/_cat", ["es"], id="curl without a scheme"),
        pytest.param("wget -qO- redis", ["redis"], id="wget of a Service"),
        pytest.param("run --broker k:9092 --host api", ["k", "api"], id="hosts behind flags"),
        pytest.param(
            "- target_label: __address__\n  replacement: prober\n", ["prober"], id="what is scraped"
        ),
        pytest.param(
            "- replacement: 'prober.x:9115'\n  action: replace\n  target_label: __address__\n",
            ["prober.x"],
            id="what is scraped, said first",
        ),
        pytest.param(
            "addresses: dnssrv+_mc._tcp.cache.x\n", ["_mc._tcp.cache.x"], id="a cache by SRV"
        ),
        pytest.param(
            '{"Orders": "Server=pg;Database=orders;User Id=a"}', ["pg"], id="ADO.NET in JSON"
        ),
        pytest.param(
            "socat TCP-LISTEN:80,fork OPENSSL:web:443,verify=0", ["web"], id="socat's addresses"
        ),
        pytest.param("see a.b.svc and a.b.svc.", ["a.b.svc"], id="with and without its dot"),
        pytest.param(
            '{"peers": ["redis"], "redis": {"a": 1}}', ["redis"], id="a Service's section"
        ),
        pytest.param("redis-cli \\\n  -h redis \\\n  ping", ["redis"], id="a line that goes on"),
        pytest.param("cors: true\nurl: http://a:1/", ["a"], id="the next key"),
        pytest.param("hostname: db.example.com\nport: 1\n", ["db.example.com"], id="a host name"),
        pytest.param("resolver a.b.svc.cluster.local.;", ["a.b.svc.cluster.local"], id="a word"),
        pytest.param(
            "[OUTPUT]\n    Brokers   k-0.k:9092,k-1.k:9092\n", ["k-0.k", "k-1.k"], id="in columns"
        ),
        pytest.param("curl http://a/ | grep -q b; ask --peer redis", ["a", "redis"], id="a filter"),
        pytest.param("proxy_pass http://a;\nreturn 200 ok;\n", ["a"], id="nginx, no redirect"),
        pytest.param('{"x": "user=a host=pg port=1"}', ["pg"], id="libpq's words in JSON"),
        pytest.param("listen localhost:80;\n", ["localhost"], id="localhost with a port"),
        pytest.param("zone: http://a:1/,http://b:1/\n", ["a", "b"], id="a list of URLs"),
        pytest.param("service: mq-0\nb_host: redis\n", ["mq-0", "redis"], id="told as hosts"),
    ],
)
def test_a_script_mentions_hosts(text, expected):
    assert names(hosts_in_script(text, EXISTS)) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# see https://example.com/redis\nrun", id="a comment"),
        pytest.param("// http://example.com\nrun", id="a comment of C"),
        pytest.param("<!-- http://example.com -->\n<a/>", id="a comment of XML"),
        pytest.param('<beans xmlns="http://www.springframework.org/schema">', id="a namespace"),
        pytest.param('{"$schema": "https://json-schema.org/x"}', id="a schema"),
        pytest.param("job_name: redis\nmetrics_path: /redis", id="a job's name"),
        pytest.param("user: mysql\ndatabase: orders\n", id="a user and a database"),
        pytest.param("dig into the web of redis", id="plain English"),
        pytest.param("image: redis:7\n", id="an image"),
        pytest.param("sed -i s/localhost/redis/g app.js", id="an expression of sed"),
        pytest.param("Caused by: com.example.redis.Pool", id="a class"),
        pytest.param("replicas: 3\nserver {\n  listen 80;\n}\n", id="a block"),
        pytest.param(
            "upstream app {\n  server 10.0.0.1:80;\n}\nproxy_pass http://app;\nfastcgi_pass app;\n",
            id="nginx's own name for a group",
        ),
        pytest.param('{"service_name": "web"}', id="the name in traces"),
        pytest.param('local server = require "resty.server"', id="Lua, an expression"),
        pytest.param("exec psql -U redis -d orders -c 'SELECT 1'", id="a user, a database"),
        pytest.param("host = os.getenv('A')\n", id="a call"),
        pytest.param('{"peers": ["east"], "all": {"east": {"a": 1}}}', id="a section of its own"),
        pytest.param("(CONNECT_DATA=(SERVER=dedicated)(SID=a))", id="Oracle Net's kinds"),
        pytest.param("receivers: [otlp, redis]\n", id="a list of kinds"),
        pytest.param("pipelines:\n- otlp\n- redis\n", id="a list of kinds, in lines"),
        pytest.param("exporters: [redis]\n", id="a list of one kind"),
        pytest.param("tls_config:\n  server_name: a.b.svc\n", id="the name of a certificate"),
        pytest.param("cors.origin=http://localhost:80/\n", id="whom a server answers"),
        pytest.param("allowOrigins: ws://a:1;ws://b:1;\n", id="a list of them"),
        pytest.param("server_name a.b.svc;\n", id="what nginx answers to"),
        pytest.param(
            "- hostname: www.example.com\n  path: /a\n  service: hello\n",
            id="what cloudflared's tunnel answers to",
        ),
        pytest.param("endpoint: s3.<REGION>.example.com\n", id="a setting to be filled in"),
        pytest.param("db_host: db-{{ ordinal }}\n", id="a template's setting"),
        pytest.param('{"query": "redis", "datasource": "Redis"}', id="a data source"),
        pytest.param("zone: topology.kubernetes\\.io/zone", id="a label's key, escaped"),
        pytest.param('{"panels": [{"host": "a.b.svc"}], "schemaVersion": 1}', id="a dashboard"),
        pytest.param("curl -o web -u user:1234 -H web", id="what curl's flags take"),
        pytest.param("echo 'Redis: Redis is up'", id="a product in a sentence"),
        pytest.param("host of the web", id="a sentence that begins with host"),
        pytest.param(
            "- source_labels: [service]\n  regex: redis\n  action: keep\n", id="an expression"
        ),
        pytest.param(
            "- target_label: __address__\n- target_label: job\n  replacement: prober\n",
            id="another rule's replacement",
        ),
        pytest.param("- target_label: __address__\n  replacement: $1:9100\n", id="a part of it"),
        pytest.param("cat /etc/x | grep -q redis", id="what grep looks for"),
        pytest.param("regx: redis\nuid: redis\n", id="an expression and an ID"),
        pytest.param("labels:\n  service: redis\n", id="a label's value"),
        pytest.param("server_name localhost:80;\n", id="what nginx answers to, with a port"),
        pytest.param("return 301 https://a.b.svc/;\n", id="where nginx sends a client to"),
        pytest.param("rewrite ^/d/(.*) https://a/$1 permanent;\n", id="a rewrite to elsewhere"),
        pytest.param("a host=%h port=1 or ghost=pg port=1", id="no host of libpq"),
        pytest.param("LogLevel   k:9092\n", id="columns under a key of none"),
        pytest.param(
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/TR/x.dtd">',
            id="a doctype",
        ),
        pytest.param('<body itemscope itemtype="http://schema.org/Mail">', id="an item's type"),
    ],
)
def test_a_script_that_mentions_none(text):
    assert names(hosts_in_script(text, EXISTS)) == []


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("REDIS_ADDR", Says.HOST),
        ("--upstream-url", Says.LOCATION),
        ("BACKEND", Says.KIND),
        ("CACHE_BACKEND", Says.KIND),
        ("DB_CONNECTION", Says.KIND),
        ("PGHOST", Says.HOST),
        ("GHOST", Says.OPEN),
        ("OTEL_SERVICE_NAME", Says.OTHER),
        ("SERVICE_NAME", Says.OTHER),
        ("--character-set-server", Says.OTHER),
        ("SPRING_PROFILES_ACTIVE", Says.OTHER),
        ("dnsNames", Says.PATTERN),
        ("spring.datasource.hostName", Says.HOST),
        ("serverName", Says.PATTERN),
        ("--service-account-issuer", Says.PATTERN),
        ("--oidc-issuer", Says.OTHER),
        ("--api-audiences", Says.PATTERN),
        ("--caSecretName", Says.PATTERN),
        ("SECRET_HOST", Says.HOST),
        ("AUDIENCE_HOST", Says.HOST),
        ("tls.server_name", Says.PATTERN),
        ("TLS_AUTO_HOSTS", Says.PATTERN),
        ("REDIS_TLS_HOST", Says.HOST),
        ("DB_SERVER_NAME", Says.OTHER),
        ("BROKER_LIST", Says.HOST),
        ("BROKERS1", Says.HOST),
        ("DISCOVERY_SERVICE", Says.SERVICE),
        ("DB_SERVICE_NAME", Says.SERVICE),
        ("IMAGE_URL", Says.OTHER),
        ("REGISTRY_URL", Says.LOCATION),
        ("IMAGE_REGISTRY_URL", Says.OTHER),
        ("REGISTRY_PATH", Says.OTHER),
        ("--metric-labels-allowlist", Says.PATTERN),
        ("DB", Says.SERVICE),
        ("--publish-status-address", Says.PATTERN),
        ("--status-server-address", Says.HOST),
        ("APP_DB", Says.OTHER),
        ("DEFAULT_VHOST", Says.PATTERN),
        ("UPLOAD_BACKEND", Says.KIND),
        ("DB_PASSWORD", Says.OTHER),
        ("CORS_ORIGIN_URL", Says.PATTERN),
        ("NO_PROXY", Says.PATTERN),
        ("HTTP_PROXY", Says.LOCATION),
        ("", Says.OPEN),
    ],
)
def test_what_a_key_says_of_its_value(key, says):
    assert says_of_value(key) is says


LABELS = st.text("abcdefgkprsvz", min_size=1, max_size=8)
NOT_NAMES = st.one_of(
    st.builds(
        "{}/{}:{}".format,
        LABELS,
        LABELS,
        st.builds("v{}.{}".format, st.integers(0, 9), st.integers(0, 9)),
    ),
    st.builds("{}.{}.{}".format, *(st.integers(0, 99).map(str) for _ in range(3))),
    st.builds("com.{}.{}".format, LABELS, LABELS.map(str.capitalize)),
    st.builds("/{}/{}.{}".format, LABELS, LABELS, LABELS),
    st.builds("{}.yaml".format, LABELS),
    st.builds("{}_{}_total".format, LABELS, LABELS),
    st.builds("{}@{}.example".format, LABELS, LABELS),
    st.builds("{}.{}/{}".format, LABELS, LABELS, LABELS),
    st.builds("--{}-size={}".format, LABELS, LABELS),
)


@given(value=NOT_NAMES, key=st.sampled_from(["X", "APP_CONFIG", "JAVA_OPTS", "MODE", ""]))
def test_no_shape_of_another_thing_slips_in(value, key):
    nothing = Exists(lambda _: False)
    assert names(hosts_of_value(value, key, nothing)) == []
    assert names(hosts_in_script(f"run {value}\n", nothing)) == []


@given(text=st.text(max_size=300), key=st.sampled_from(["X", "DB_HOST", "URLS"]))
def test_any_text_gives_names_that_stand_in_it(text, key):
    everything = Exists(lambda _: True)
    for found in (hosts_of_value(text, key, everything), hosts_in_script(text, everything)):
        for each in found:
            assert each.name in text[each.start : each.end]


def test_long_texts_take_linear_time():
    blob = "a" * 200_000
    for text in (
        blob,
        "a." * 100_000,
        "a:" * 100_000,
        "\n" * 200_000,
        "http://" * 30_000,
        "-a " * 60_000,
    ):
        assert len(names(hosts_in_script(text, Exists(lambda _: False)))) <= 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nc -z db 5432", ["db"]),
        ("ping redis", ["redis"]),
        ("wait-for-it nowhere:80", ["nowhere"]),
        ("nc -l 8080", []),
        ("run redis", []),
    ],
)
def test_a_program_that_is_told_a_host(words, expected):
    assert names(hosts_of_programs(words, EXISTS)) == expected
