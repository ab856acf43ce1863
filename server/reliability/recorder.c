/* Loaded before a server (LD_PRELOAD): writes down, in order, what it does to the files below REC_DIR and what it sends,
 * and lets its disk fail.
 *
 * The record (REC_LOG) is what power_cut.py makes crashed disks from. Faults are asked for, and counted, in a file that
 * both sides map (REC_CONTROL). A sync is never carried out: what it would have saved is in the record.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 4096, HEAD = 4096 };

/* Counts are the server's to write, the rest is the test's. recorder.py has the same. */
struct control {
    uint64_t syncs, writes;
    uint64_t sync_fails_at, write_fails_at, write_is_short_at;
    uint64_t full;
};

static struct control none;
static volatile struct control *control = &none;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char dir[1024];
static size_t dir_length;
static int log_fd = -1;
static char *names[FILES];

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

__attribute__((constructor)) static void begin(void) {
    const char *below = getenv("REC_DIR"), *log = getenv("REC_LOG"), *shared = getenv("REC_CONTROL");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    if (!below) return;
    snprintf(dir, sizeof dir, "%s/", below);
    dir_length = strlen(dir);
    if (log) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        log_fd = fcntl(fd, F_DUPFD_CLOEXEC, FILES);
        close(fd);
    }
    if (shared) {
        int fd = open(shared, O_RDWR | O_CLOEXEC);
        void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mapped != MAP_FAILED) control = mapped;
        close(fd);
    }
}

/* One entry: kind and length of the name, offset, length of the data; the name; the data. */
static void record(char kind, const char *name, uint64_t offset, const void *data, uint64_t length) {
    if (log_fd < 0) return;
    uint64_t name_length = name ? strlen(name) - dir_length : 0, carried = data ? length : 0;
    size_t total = 24 + name_length + carried;
    char *entry = malloc(total);
    if (!entry) abort();
    uint64_t head[3] = {(uint64_t)kind | name_length << 8, offset, carried};
    memcpy(entry, head, 24);
    if (name_length) memcpy(entry + 24, name + dir_length, name_length);
    if (carried) memcpy(entry + 24 + name_length, data, carried);
    if (real_write(log_fd, entry, total) != (ssize_t)total) abort();
    free(entry);
}

static int is_ours(const char *path) { return dir_length && strncmp(path, dir, dir_length) == 0; }

static const char *name_of(int fd) { return fd >= 0 && fd < FILES ? names[fd] : NULL; }

static void opened(int fd, const char *path, int flags) {
    if (fd < 0 || fd >= FILES || !is_ours(path)) return;
    pthread_mutex_lock(&mutex);
    free(names[fd]);
    names[fd] = strdup(path);
    record(flags & O_TRUNC ? 'T' : 'O', path, 0, NULL, 0);
    pthread_mutex_unlock(&mutex);
}

#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...) {                    \
        va_list rest;                                               \
        va_start(rest, flags);                                      \
        mode_t mode = va_arg(rest, mode_t);                         \
        va_end(rest);                                               \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
        int fd = real(path, flags, mode);                           \
        opened(fd, path, flags);                                    \
        return fd;                                                  \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "close");
    if (name_of(fd)) {
        pthread_mutex_lock(&mutex);
        free(names[fd]);
        names[fd] = NULL;
        pthread_mutex_unlock(&mutex);
    }
    return real(fd);
}

/* How much of a write succeeds: all of it, half of it, or -1 with errno. */
static ssize_t allowed(int fd, size_t length, off64_t offset) {
    uint64_t count = ++control->writes;
    if (count == control->write_fails_at) {
        errno = EIO;
        return -1;
    }
    if (count == control->write_is_short_at) return (ssize_t)(length / 2);
    struct stat64 stat;
    if (control->full && fstat64(fd, &stat) == 0 && offset + (off64_t)length > stat.st_size) {
        if (offset >= stat.st_size) {
            errno = ENOSPC;
            return -1;
        }
        return stat.st_size - offset;
    }
    return (ssize_t)length;
}

static ssize_t write_at(int fd, const void *data, size_t length, off64_t offset, const char *name) {
    pthread_mutex_lock(&mutex);
    ssize_t count = allowed(fd, length, offset);
    if (count > 0) count = real_pwrite(fd, data, (size_t)count, offset);
    if (count > 0) record('W', name, (uint64_t)offset, data, (uint64_t)count);
    pthread_mutex_unlock(&mutex);
    return count;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    const char *name = name_of(fd);
    return name ? write_at(fd, data, length, offset, name) : real_pwrite(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

/* What goes to a socket may be an answer: from here on its receiver counts on it. */
static void sent(int fd, const void *data, size_t length) {
    struct stat stat;
    if (log_fd < 0 || fd <= 2 || fd == log_fd || fstat(fd, &stat) != 0 || !S_ISSOCK(stat.st_mode)) return;
    pthread_mutex_lock(&mutex);
    record('A', NULL, 0, data, length < HEAD ? length : HEAD);
    pthread_mutex_unlock(&mutex);
}

ssize_t write(int fd, const void *data, size_t length) {
    const char *name = name_of(fd);
    if (name) {
        off64_t offset = lseek64(fd, 0, SEEK_CUR);
        ssize_t count = write_at(fd, data, length, offset, name);
        if (count > 0) lseek64(fd, count, SEEK_CUR);
        return count;
    }
    sent(fd, data, length);
    return real_write(fd, data, length);
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");
    sent(fd, data, length);
    return real(fd, data, length, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
    char head[HEAD];
    size_t length = 0;
    for (int part = 0; part < count && length < HEAD; part++) {
        size_t room = HEAD - length, more = parts[part].iov_len < room ? parts[part].iov_len : room;
        memcpy(head + length, parts[part].iov_base, more);
        length += more;
    }
    sent(fd, head, length);
    return real(fd, parts, count);
}

static int sync_file(int fd, const char *function) {
    int (*real)(int) = dlsym(RTLD_NEXT, function);
    const char *name = name_of(fd);
    if (!name) return real(fd);
    pthread_mutex_lock(&mutex);
    int fails = ++control->syncs == control->sync_fails_at;
    if (!fails) record('S', name, 0, NULL, 0);
    pthread_mutex_unlock(&mutex);
    if (fails) errno = EIO;
    return fails ? -1 : 0;
}

int fsync(int fd) { return sync_file(fd, "fsync"); }
int fdatasync(int fd) { return sync_file(fd, "fdatasync"); }

#define TRUNCATE(name, type)                                 \
    int name(int fd, type length) {                          \
        int (*real)(int, type) = dlsym(RTLD_NEXT, #name);    \
        const char *file = name_of(fd);                      \
        if (!file) return real(fd, length);                  \
        pthread_mutex_lock(&mutex);                          \
        int outcome = real(fd, length);                      \
        if (outcome == 0) record('R', file, (uint64_t)length, NULL, 0); \
        pthread_mutex_unlock(&mutex);                        \
        return outcome;                                      \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int unlink(const char *path) {
    int (*real)(const char *) = dlsym(RTLD_NEXT, "unlink");
    if (!is_ours(path)) return real(path);
    pthread_mutex_lock(&mutex);
    int outcome = real(path);
    if (outcome == 0) record('U', path, 0, NULL, 0);
    pthread_mutex_unlock(&mutex);
    return outcome;
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    if (!is_ours(from)) return real(from, to);
    pthread_mutex_lock(&mutex);
    int outcome = real(from, to);
    if (outcome == 0) record('M', from, 0, to + dir_length, strlen(to) - dir_length);
    pthread_mutex_unlock(&mutex);
    return outcome;
}
