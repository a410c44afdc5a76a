package io.jepastream.app.kafka;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * One budget of native memory for all local stores of the process. Kafka Streams by itself gives each store, of each partition,
 * 50 MB to read with and 48 MB to write with: a worker with 32 partitions of two stores could take 6 GB, and grows towards
 * that for as long as it runs.
 */
public final class StoreMemory implements RocksDBConfigSetter {
    /** For blocks that were read, and what was written and is not in a file yet; bytes. */
    static final long BUDGET = 96L << 20;

    private static final long TO_WRITE = BUDGET / 2;
    private static final int BLOCK = 16 << 10; // a picture is larger

    /** Made once, when the first store is opened, and never closed: the stores come and go with their partitions. */
    private static final class Shared {
        static final Cache CACHE;
        static final WriteBufferManager WRITES;

        static {
            RocksDB.loadLibrary();
            CACHE = new LRUCache(BUDGET);
            WRITES = new WriteBufferManager(TO_WRITE, CACHE); // what is to be written counts as part of the cache
        }

        private Shared() {}
    }

    @Override
    public void setConfig(String store, Options options, Map<String, Object> settings) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(Shared.CACHE);
        table.setBlockSize(BLOCK);
        table.setCacheIndexAndFilterBlocks(true); // else they are outside of the budget
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(Shared.WRITES);
    }

    /** Nothing of this store's own is open. */
    @Override
    public void close(String store, Options options) {}
}
