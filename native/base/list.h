// An intrusive doubly linked list: an element is in at most one list per node and can leave it in constant time.
#pragma once

#include "base/check.h"

namespace sloth {

// The links of an element. Not linked when `next` is null.
struct ListNode {
  ListNode* next = nullptr;
  ListNode* previous = nullptr;
  bool linked() const { return next != nullptr; }
};

// A list of T, which has a member `ListNode T::*kNode`. Owns nothing; whoever holds its lock may touch it.
template <typename T, ListNode T::*kNode>
class List {
 public:
  List() { head_.next = head_.previous = &head_; }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return head_.next == &head_; }
  T* front() const { return empty() ? nullptr : FromNode(head_.next); }
  // The element after `element`, or null at the end.
  T* Next(T* element) const {
    ListNode* node = (element->*kNode).next;
    return node == &head_ ? nullptr : FromNode(node);
  }
  T* back() const { return empty() ? nullptr : FromNode(head_.previous); }
  // The element before `element`, or null at the beginning.
  T* Previous(T* element) const {
    ListNode* node = (element->*kNode).previous;
    return node == &head_ ? nullptr : FromNode(node);
  }
  // Behind `place`, or at the beginning when that is null.
  void InsertAfter(T* place, T* element) {
    ListNode* before = place ? &(place->*kNode) : &head_;
    Link(&(element->*kNode), before, before->next);
  }
  void PushBack(T* element) { Link(&(element->*kNode), head_.previous, &head_); }
  void PushFront(T* element) { Link(&(element->*kNode), &head_, head_.next); }
  T* PopFront() {
    T* element = front();
    if (element) Remove(element);
    return element;
  }
  static void Remove(T* element) {
    ListNode* node = &(element->*kNode);
    CHECK(node->linked());
    node->previous->next = node->next;
    node->next->previous = node->previous;
    node->next = node->previous = nullptr;
  }

 private:
  static void Link(ListNode* node, ListNode* before, ListNode* after) {
    CHECK(!node->linked());
    node->previous = before;
    node->next = after;
    before->next = node;
    after->previous = node;
  }
  static T* FromNode(ListNode* node) {
    // The offset of a data member, computed on a suitably aligned dummy address.
    alignas(T) static char dummy[1];
    auto* object = reinterpret_cast<T*>(dummy);
    auto offset = reinterpret_cast<char*>(&(object->*kNode)) - reinterpret_cast<char*>(object);
    return reinterpret_cast<T*>(reinterpret_cast<char*>(node) - offset);
  }

  ListNode head_;
};

}  // namespace sloth
