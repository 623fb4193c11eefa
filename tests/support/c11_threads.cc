// C11's threads as POSIX threads, for the builds with -fsanitize=thread. librdkafka makes its
// threads and locks with <threads.h>, which the sanitizer does not know: such a thread crashes it
// at its first allocation, and what such a lock protects looks unprotected. An executable that has
// these definitions gives them to the library in place of libc's. The types are the same inside: in
// glibc mtx_t is a pthread_mutex_t, cnd_t a pthread_cond_t and thrd_t a pthread_t.
#include <cerrno>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <threads.h>

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));
static_assert(sizeof(thrd_t) == sizeof(pthread_t));

namespace {

struct start {
    thrd_start_t function;
    void* argument;
};

void* run(void* given) {
    const std::unique_ptr<start> from(static_cast<start*>(given));
    const std::intptr_t outcome = from->function(from->argument);
    return reinterpret_cast<void*>(outcome);
}

pthread_mutex_t* inside(mtx_t* mutex) {
    return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* inside(cnd_t* condition) {
    return reinterpret_cast<pthread_cond_t*>(condition);
}

int as_c11(int code) {
    switch (code) {
    case 0:
        return thrd_success;
    case ENOMEM:
        return thrd_nomem;
    case ETIMEDOUT:
        return thrd_timedout;
    case EBUSY:
        return thrd_busy;
    default:
        return thrd_error;
    }
}

} // namespace

extern "C" {

int thrd_create(thrd_t* made, thrd_start_t function, void* argument) {
    auto from = std::make_unique<start>(start{function, argument});
    const int code = pthread_create(made, nullptr, run, from.get());
    if (code == 0) {
        static_cast<void>(from.release());
    }
    return as_c11(code);
}

int thrd_join(thrd_t thread, int* outcome) {
    void* given = nullptr;
    const int code = pthread_join(thread, &given);
    if (code == 0 && outcome != nullptr) {
        *outcome = static_cast<int>(reinterpret_cast<std::intptr_t>(given));
    }
    return as_c11(code);
}

int mtx_init(mtx_t* mutex, int type) {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    const bool is_recursive = (type & mtx_recursive) != 0;
    pthread_mutexattr_settype(&kind, is_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    const int code = pthread_mutex_init(inside(mutex), &kind);
    pthread_mutexattr_destroy(&kind);
    return as_c11(code);
}
int mtx_lock(mtx_t* mutex) {
    return as_c11(pthread_mutex_lock(inside(mutex)));
}
int mtx_unlock(mtx_t* mutex) {
    return as_c11(pthread_mutex_unlock(inside(mutex)));
}
void mtx_destroy(mtx_t* mutex) {
    pthread_mutex_destroy(inside(mutex));
}

int cnd_init(cnd_t* condition) {
    return as_c11(pthread_cond_init(inside(condition), nullptr));
}
int cnd_signal(cnd_t* condition) {
    return as_c11(pthread_cond_signal(inside(condition)));
}
int cnd_broadcast(cnd_t* condition) {
    return as_c11(pthread_cond_broadcast(inside(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
    return as_c11(pthread_cond_wait(inside(condition), inside(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const struct timespec* until) {
    return as_c11(pthread_cond_timedwait(inside(condition), inside(mutex), until));
}
void cnd_destroy(cnd_t* condition) {
    pthread_cond_destroy(inside(condition));
}

} // extern "C"
